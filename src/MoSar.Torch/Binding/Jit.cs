using System.Text;
using TorchSharp.Modules;
using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>TorchScript files, loaded and run without Python.</summary>
    public static class jit
    {
        public static ScriptModule load(string filename, DeviceType device_type = DeviceType.CPU, long device_index = -1) => new(Load(filename, null, device_type, device_index));

        public static ScriptModule load(byte[] bytes, DeviceType device_type = DeviceType.CPU, long device_index = -1) => new(Load(null, bytes, device_type, device_index));

        public static ScriptModule<T1, TResult> load<T1, TResult>(string filename, DeviceType device_type = DeviceType.CPU, long device_index = -1) => new(Load(filename, null, device_type, device_index));

        public static ScriptModule<T1, TResult> load<T1, TResult>(byte[] bytes, DeviceType device_type = DeviceType.CPU, long device_index = -1) => new(Load(null, bytes, device_type, device_index));

        private static unsafe nint Load(string? path, byte[]? bytes, DeviceType type, long index)
        {
            if (path is not null && !File.Exists(path))
                throw new FileNotFoundException($"no TorchScript file at {path}", path);
            fixed (byte* p = path is null ? null : Encoding.UTF8.GetBytes(path + '\0'), b = bytes)
            {
                nint module = ms_jit_load(p, b, bytes?.Length ?? 0, (int)type, (int)index);
                return module != 0 ? module : throw Failure($"jit.load({path ?? "bytes"})");
            }
        }

        public class ScriptModule : nn.Module
        {
            private nint _module;

            internal unsafe ScriptModule(nint module)
                : base("ScriptModule")
            {
                _module = module;
                var self = System.Runtime.InteropServices.GCHandle.Alloc(this);
                try
                {
                    Checked(ms_jit_tensors(module, (void*)System.Runtime.InteropServices.GCHandle.ToIntPtr(self), &Visit));
                }
                finally
                {
                    self.Free();
                }
            }

            ~ScriptModule() => Dispose(false);

            private readonly List<(string, Parameter)> _scriptParameters = [];
            private readonly List<(string, Tensor)> _scriptBuffers = [];

            [System.Runtime.InteropServices.UnmanagedCallersOnly]
            private static unsafe void Visit(void* state, int kind, byte* name, nint handle)
            {
                var self = (ScriptModule)System.Runtime.InteropServices.GCHandle.FromIntPtr((nint)state).Target!;
                string key = System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)name)!;
                Tensor t = new Tensor(handle).DetachFromDisposeScope();
                if (kind == 0)
                {
                    self._scriptParameters.Add((key, new Parameter(t, t.requires_grad)));
                    t.Dispose();
                }
                else
                {
                    self._scriptBuffers.Add((key, t));
                }
            }

            public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) => _scriptParameters;

            public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true) => _scriptBuffers;

            private nint Module => _module != 0 ? _module : throw new ObjectDisposedException(nameof(ScriptModule));

            public override void train(bool on = true) => ms_jit_train(Module, on ? 1 : 0);

            public override void eval() => train(false);

            public object forward(params object[] input) => invoke("forward", input);

            public object call(params object[] input) => invoke("forward", input);

            /// <summary>Calls a method with tensors and numbers; tuples and lists come back as arrays.</summary>
            public unsafe object invoke(string name, params object[] objs)
            {
                Arg[] arguments = objs.Select(Wrap).ToArray();
                NativeValue* values = stackalloc NativeValue[arguments.Length + 1];
                NativeValue result;
                int done;
                fixed (long* memory = new long[Operator.ScratchSize(arguments) + 1])
                fixed (byte* method = Encoding.UTF8.GetBytes(name + '\0'))
                {
                    Operator.Marshal(arguments, values, memory);
                    done = ms_jit_call(Module, method, values, arguments.Length, &result);
                }
                GC.KeepAlive(objs);
                GC.KeepAlive(this);
                if (done < 0)
                    throw Failure($"TorchScript {name}");
                return Typed(Operator.FromNative(result))!;
            }

            public TResult invoke<TResult>(string name, params object[] inputs) => (TResult)invoke(name, inputs);

            private static object? Typed(object? value) =>
                value is object?[] items && items.Length > 0 && items.All(i => i is Tensor) ? items.Cast<Tensor>().ToArray() : value;

            private static Arg Wrap(object value) => value switch
            {
                Tensor t => t,
                Tensor[] list => list,
                long v => v,
                int v => (long)v,
                double v => v,
                float v => (double)v,
                bool v => v,
                string v => v,
                _ => throw new ArgumentException($"a {value?.GetType().Name ?? "null"} cannot go into TorchScript"),
            };

            protected override void Dispose(bool disposing)
            {
                nint module = Interlocked.Exchange(ref _module, 0);
                if (module != 0)
                    ms_jit_drop(module);
                if (disposing)
                {
                    foreach ((_, Parameter p) in _scriptParameters)
                        p.Dispose();
                    foreach ((_, Tensor b) in _scriptBuffers)
                        b.Dispose();
                }
                base.Dispose(disposing);
            }
        }

        public sealed class ScriptModule<T, TResult> : ScriptModule, nn.IModule<T, TResult>
        {
            internal ScriptModule(nint module)
                : base(module)
            {
            }

            public TResult forward(T tensor) => (TResult)invoke("forward", tensor!);

            public TResult call(T input) => forward(input);
        }
    }
}
