using System.Collections;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Modules one after another; intermediate tensors are freed unless a gradient needs them.</summary>
    public class Sequential : Module<Tensor, Tensor>
    {
        private readonly List<IModule<Tensor, Tensor>> _steps = [];

        internal Sequential(IEnumerable<(string Name, Module<Tensor, Tensor> Module)> modules)
            : base(nameof(Sequential))
        {
            foreach ((string name, Module<Tensor, Tensor> module) in modules)
                Add(name, module);
        }

        public int Count => _steps.Count;

        [IndexerName("SequentialItems")]
        public IModule<Tensor, Tensor> this[int index] => _steps[index];

        public override void train(bool on = true) => base.train(on);

        public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_persistent = true) => base.named_buffers(recurse, include_persistent);

        public Sequential append(IModule<Tensor, Tensor> module) => append(_steps.Count.ToString(), module);

        public Sequential append(string name, IModule<Tensor, Tensor> module)
        {
            Add(name, module);
            return this;
        }

        private void Add(string name, IModule<Tensor, Tensor> module)
        {
            _steps.Add(module);
            register_module(name, (Module)module);
        }

        public override Tensor forward(Tensor tensor)
        {
            if (_steps.Count == 0)
                return tensor.alias();
            Tensor current = tensor;
            foreach (IModule<Tensor, Tensor> step in _steps)
            {
                Tensor next = step.call(current);
                if (!ReferenceEquals(current, tensor) && !ReferenceEquals(current, next))
                    current.Dispose();
                current = next;
            }
            return current;
        }
    }

    /// <summary>A list of modules, named by their place.</summary>
    public class ModuleList<T> : Module, IList<T>
        where T : Module
    {
        private readonly List<T> _list = [];

        public ModuleList(params T[] modules)
            : base(nameof(ModuleList<T>)) => extend(modules);

        public T this[int index]
        {
            get => _list[index];
            set
            {
                _list[index] = value;
                Renumber();
            }
        }

        public int Count => _list.Count;

        public bool IsReadOnly => false;

        private void Renumber()
        {
            Unregister();
            for (int i = 0; i < _list.Count; i++)
                register_module(i.ToString(), _list[i]);
        }

        public void append(params T[] parameters) => extend(parameters);

        public void extend(IEnumerable<T> modules)
        {
            foreach (T m in modules)
                Add(m);
        }

        public void Add(T item)
        {
            register_module(_list.Count.ToString(), item);
            _list.Add(item);
        }

        public void Clear()
        {
            _list.Clear();
            Unregister();
        }

        public bool Contains(T item) => _list.Contains(item);

        public void CopyTo(T[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);

        public int IndexOf(T item) => _list.IndexOf(item);

        public void Insert(int index, T item)
        {
            _list.Insert(index, item);
            Renumber();
        }

        public bool Remove(T item)
        {
            bool removed = _list.Remove(item);
            Renumber();
            return removed;
        }

        public void RemoveAt(int index)
        {
            _list.RemoveAt(index);
            Renumber();
        }

        public IEnumerator<T> GetEnumerator() => _list.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>A list of parameters, named by their place.</summary>
    public class ParameterList : Module, IEnumerable<Parameter>
    {
        private readonly List<Parameter> _list = [];

        public ParameterList(params Parameter[] parameters)
            : base(nameof(ParameterList))
        {
            foreach (Parameter p in parameters)
                Add(p);
        }

        public Parameter this[int index] => _list[index];

        public int Count => _list.Count;

        public void Add(Parameter item)
        {
            register_parameter(_list.Count.ToString(), item);
            _list.Add(item);
        }

        public IEnumerator<Parameter> GetEnumerator() => _list.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Sequential Sequential() => new([]);

            public static Modules.Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => new(modules);

            public static Modules.Sequential Sequential(params Module<Tensor, Tensor>[] modules) => new(modules.Select((m, i) => (i.ToString(), m)));

            public static Modules.Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules) => new(modules);

            public static Modules.Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules) => Sequential(modules.ToArray());

            public static Modules.ModuleList<Module> ModuleList(params Module[] modules) => new(modules);

            public static Modules.ModuleList<T> ModuleList<T>(params T[] modules)
                where T : Module => new(modules);

            public static Modules.ParameterList ParameterList(params Modules.Parameter[] parameters) => new(parameters);
        }
    }
}
