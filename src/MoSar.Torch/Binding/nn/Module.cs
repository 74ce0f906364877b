using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);

        public interface IModule<in T, out TResult>
        {
            TResult call(T input1);
        }

        /// <summary>
        /// A part of a network: parameters, buffers and further modules by name. A class derived from it calls RegisterComponents
        /// at the end of its constructor, which registers its fields under their very names (<c>_conv1</c> stays <c>_conv1</c>).
        /// </summary>
        public class Module : IDisposable
        {
            private readonly Dictionary<string, Module> _modules = [];
            private readonly Dictionary<string, Parameter> _params = [];
            private readonly Dictionary<string, (Tensor Tensor, bool Persistent)> _buffers = [];
            private readonly List<string> _order = [];
            private bool _registered;

            protected readonly string name;

            protected Module(string name) => this.name = name;

            public bool training { get; private set; } = true;

            public virtual string GetName() => name;

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (Module m in children())
                    m.train(train);
            }

            public virtual void eval() => train(false);

            /// <summary>Registers every field that is a module, parameter or tensor and is not registered yet.</summary>
            protected virtual void RegisterComponents()
            {
                if (_registered)
                    return;
                _registered = true;
                foreach (FieldInfo field in GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public))
                {
                    if (field.DeclaringType == typeof(Module))
                        continue;
                    string key = field.Name;
                    object? value = field.GetValue(this);
                    // TorchSharp would name it <Name>k__BackingField, in weight files too.
                    if (key.StartsWith('<') && value is Module or Tensor)
                        throw new InvalidOperationException($"{GetType().Name}: hold {key} in a plain field (or call register_module or register_parameter before RegisterComponents), so that its name in weight files is plain");
                    switch (value)
                    {
                        case Module m when !_modules.ContainsValue(m):
                            register_module(key, m);
                            break;
                        case Parameter p when !_params.ContainsValue(p):
                            register_parameter(key, p);
                            break;
                        case Tensor t and not Modules.Parameter when !_buffers.Values.Any(b => ReferenceEquals(b.Tensor, t)):
                            register_buffer(key, t);
                            break;
                    }
                }
            }

            public virtual void register_module(string name, Module submodule) => Register(_modules, name, submodule);

            public void add_module(string name, Module module) => register_module(name, module);

            public virtual void register_parameter(string name, Parameter? param)
            {
                if (param is null)
                    return;
                param.DetachFromDisposeScope();
                Register(_params, name, param);
            }

            public virtual void register_buffer(string name, Tensor? tensor, bool persistent = true)
            {
                if (tensor is null)
                    return;
                tensor.DetachFromDisposeScope();
                Register(_buffers, name, (tensor, persistent));
            }

            private void Register<T>(Dictionary<string, T> where, string name, T value)
            {
                if (name.Length == 0 || name.Contains('.'))
                    throw new ArgumentException($"'{name}' cannot name a component of {GetName()}: names are not empty and hold no dot");
                where[name] = value;
                _order.Remove(name);
                _order.Add(name);
            }

            internal void Unregister()
            {
                _modules.Clear();
                _order.Clear();
            }

            public virtual IEnumerable<(string name, Module module)> named_children()
            {
                foreach (string key in _order)
                {
                    if (_modules.TryGetValue(key, out Module? m))
                        yield return (key, m);
                }
            }

            public virtual IEnumerable<Module> children() => named_children().Select(c => c.module);

            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach ((string key, Module m) in named_children())
                {
                    yield return (key, m);
                    foreach ((string inner, Module n) in m.named_modules())
                        yield return ($"{key}.{inner}", n);
                }
            }

            public virtual IEnumerable<Module> modules() => named_modules().Select(m => m.module);

            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                return Collect(recurse, m => m._order.Where(m._params.ContainsKey).Select(k => (k, m._params[k]))).Where(p => seen.Add(p.Value));
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.parameter);

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true) =>
                Collect(recurse, m => m._order.Where(k => m._buffers.TryGetValue(k, out var b) && (include_nonpersistent || b.Persistent)).Select(k => (k, m._buffers[k].Tensor)));

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(b => b.buffer);

            private IEnumerable<(string Name, T Value)> Collect<T>(bool recurse, Func<Module, IEnumerable<(string, T)>> own)
            {
                foreach ((string key, T value) in own(this))
                    yield return (key, value);
                if (!recurse)
                    yield break;
                foreach ((string key, Module m) in named_children())
                {
                    foreach ((string inner, T value) in m.Collect(true, own))
                        yield return ($"{key}.{inner}", value);
                }
            }

            public virtual bool has_parameter(string target) => named_parameters().Any(p => p.name == target);

            public virtual Parameter? get_parameter(string target) => named_parameters().FirstOrDefault(p => p.name == target).parameter;

            public virtual bool has_buffer(string target) => named_buffers().Any(p => p.name == target);

            public virtual Tensor? get_buffer(string target) => named_buffers().FirstOrDefault(p => p.name == target).buffer;

            public virtual Module apply(Action<Module> fn)
            {
                foreach (Module m in children())
                    m.apply(fn);
                fn(this);
                return this;
            }

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (Parameter p in parameters())
                    ClearGradient(p, set_to_none);
            }

            internal static void ClearGradient(Tensor p, bool setToNone)
            {
                if (setToNone)
                {
                    p.grad = null;
                    return;
                }
                using Tensor? g = p.grad;
                using (no_grad())
                    g?.zero_();
            }

            /// <summary>Parameters and persistent buffers by their full names; the tensors themselves, not copies.</summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                string start = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
                foreach ((string key, Parameter p) in named_parameters())
                    destination.TryAdd(start + key, p);
                foreach ((string key, Tensor b) in named_buffers(include_nonpersistent: false))
                    destination.TryAdd(start + key, b);
                return destination;
            }

            /// <summary>Copies values in by name. Returns the names that were missing and the names that have no place.</summary>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                Dictionary<string, Tensor> own = state_dict();
                skip ??= [];
                List<string> missing = own.Keys.Where(k => !source.ContainsKey(k) && !skip.Contains(k)).ToList();
                List<string> unexpected = source.Keys.Where(k => !own.ContainsKey(k) && !skip.Contains(k)).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                    throw new InvalidOperationException($"the state does not fit {GetName()}: missing [{string.Join(", ", missing)}], unexpected [{string.Join(", ", unexpected)}]");
                using IDisposable frozen = no_grad();
                foreach ((string key, Tensor value) in source)
                {
                    if (!skip.Contains(key) && own.TryGetValue(key, out Tensor? target))
                        target.copy_(value);
                }
                return (missing, unexpected);
            }

            internal void Convert(ScalarType? type, Device? device)
            {
                using IDisposable frozen = no_grad();
                foreach (Tensor t in parameters().Concat(buffers()))
                {
                    // Integer buffers such as a batch counter keep their type, as in PyTorch.
                    ScalarType wanted = type is { } s && t.is_floating_point() ? s : t.dtype;
                    if (wanted == t.dtype && (device is null || (device.type == t.device_type && (device.index < 0 || device.index == t.device_index))))
                        continue;
                    using Tensor moved = device is null ? t.to_type(wanted) : t.to(wanted, device);
                    t.Adopt(moved);
                    t.grad = null;
                }
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing)
                    return;
                foreach (Parameter p in _params.Values)
                    p.Dispose();
                foreach ((Tensor b, _) in _buffers.Values)
                    b.Dispose();
                foreach (Module m in _modules.Values)
                    m.Dispose();
            }
        }

        /// <summary>A module with one input.</summary>
        public abstract class Module<T, TResult> : Module, IModule<T, TResult>
        {
            protected Module(string name)
                : base(name)
            {
            }

            public abstract TResult forward(T input);

            public virtual TResult call(T input) => forward(input);
        }

        /// <summary>A module with two inputs.</summary>
        public abstract class Module<T1, T2, TResult> : Module
        {
            protected Module(string name)
                : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2);

            public virtual TResult call(T1 input1, T2 input2) => forward(input1, input2);
        }

        /// <summary>A module with three inputs.</summary>
        public abstract class Module<T1, T2, T3, TResult> : Module
        {
            protected Module(string name)
                : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2, T3 input3);

            public virtual TResult call(T1 input1, T2 input2, T3 input3) => forward(input1, input2, input3);
        }
    }
}

/// <summary>Moves a module's parameters and buffers to a type or device, in place.</summary>
public static class ModuleExtensionMethods
{
    public static T to<T>(this T module, torch.ScalarType type, bool non_blocking = false)
        where T : torch.nn.Module => Converted(module, type, null);

    public static T to<T>(this T module, torch.Device device, bool non_blocking = false)
        where T : torch.nn.Module => Converted(module, null, device);

    public static T to<T>(this T module, torch.Device device, torch.ScalarType type, bool non_blocking = false)
        where T : torch.nn.Module => Converted(module, type, device);

    public static T to<T>(this T module, DeviceType deviceType, int deviceIndex = -1, bool non_blocking = false)
        where T : torch.nn.Module => Converted(module, null, new torch.Device(deviceType, deviceIndex));

    public static T to<T>(this T module, string device, bool non_blocking = false)
        where T : torch.nn.Module => Converted(module, null, new torch.Device(device));

    public static T cpu<T>(this T module, bool non_blocking = false)
        where T : torch.nn.Module => Converted(module, null, torch.CPU);

    public static T cuda<T>(this T module, int deviceIndex = -1, bool non_blocking = false)
        where T : torch.nn.Module => Converted(module, null, new torch.Device(DeviceType.CUDA, deviceIndex));

    public static T half<T>(this T module, bool non_blocking = false)
        where T : torch.nn.Module => Converted(module, torch.ScalarType.Float16, null);

    public static T bfloat16<T>(this T module, bool non_blocking = false)
        where T : torch.nn.Module => Converted(module, torch.ScalarType.BFloat16, null);

    public static T @float<T>(this T module, bool non_blocking = false)
        where T : torch.nn.Module => Converted(module, torch.ScalarType.Float32, null);

    public static T @double<T>(this T module, bool non_blocking = false)
        where T : torch.nn.Module => Converted(module, torch.ScalarType.Float64, null);

    private static T Converted<T>(T module, torch.ScalarType? type, torch.Device? device)
        where T : torch.nn.Module
    {
        module.Convert(type, device);
        return module;
    }
}
