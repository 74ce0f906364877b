using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        [ThreadStatic]
        private static Exception? t_callbackException;

        internal static Exception? TakeCallbackException()
        {
            Exception? e = t_callbackException;
            t_callbackException = null;
            return e;
        }

        /// <summary>What a custom function's forward leaves for its backward.</summary>
        public class AutogradContext : IDisposable
        {
            private readonly Dictionary<string, object?> _data = [];

            internal AutogradContext()
            {
            }

            internal List<Tensor> ToSave { get; private set; } = [];
            internal List<Tensor> Dirty { get; private set; } = [];
            internal List<Tensor> NonDifferentiable { get; private set; } = [];
            internal nint Node { get; set; }
            internal bool[] IsTensor { get; init; } = [];
            internal Func<AutogradContext, List<Tensor>, List<Tensor>> Backward { get; init; } = (_, g) => g;
            internal string FunctionName { get; init; } = "";

            public bool MaterializeGrads { get; private set; } = true;

            public void save_for_backward(List<Tensor> tensors) => ToSave = tensors;

            public void save_data(string key, object value) => _data[key] = value;

            public object get_data(string key) => _data[key]!;

            public void mark_dirty(List<Tensor> tensors) => Dirty = [.. tensors];

            public void mark_non_differentiable(List<Tensor> tensors) => NonDifferentiable = [.. tensors];

            /// <summary>Whether backward gets zeros for outputs that no loss depends on (the default), or null.</summary>
            public void set_materialize_grads(bool value) => MaterializeGrads = value;

            /// <summary>The tensors that forward saved; only from inside backward.</summary>
            public unsafe List<Tensor> get_saved_variables()
            {
                nint[] handles = new nint[ToSave.Count];
                fixed (nint* p = handles)
                {
                    if (ms_function_saved(Node, p, handles.Length) < 0)
                        throw Failure($"{FunctionName}: get_saved_variables");
                }
                return handles.Select(h => h == 0 ? null! : new Tensor(h)).ToList();
            }

            /// <summary>Lets go of the C# references; the graph holds its own.</summary>
            internal void Seal()
            {
                // Only the count is needed from here on: the native node owns the saved tensors.
                ToSave = [.. Enumerable.Repeat<Tensor>(null!, ToSave.Count)];
                Dirty = [];
                NonDifferentiable = [];
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing) => _data.Clear();
        }

        /// <summary>The shared half of custom functions; derive from <see cref="SingleTensorFunction{T}"/> or <see cref="MultiTensorFunction{T}"/>.</summary>
        public abstract class Function<T>
            where T : Function<T>, new()
        {
            private static readonly T s_instance = new();

            public abstract string Name { get; }

            internal abstract List<Tensor> Forward(AutogradContext ctx, object[] vars);

            internal abstract List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients);

            public static List<Tensor> apply_internal(params object[] vars)
            {
                var inputs = vars.OfType<Tensor>().Where(t => !t.IsInvalid).ToList();
                bool recorded = is_grad_enabled() && inputs.Exists(t => t.requires_grad);
                var ctx = new AutogradContext
                {
                    IsTensor = vars.Select(v => v is Tensor { IsInvalid: false }).ToArray(),
                    Backward = s_instance.Backward,
                    FunctionName = s_instance.Name,
                };
                List<Tensor> outputs;
                using (no_grad())
                    outputs = s_instance.Forward(ctx, vars);
                if (recorded)
                    Record(ctx, inputs, outputs);
                ctx.Seal();
                return outputs;
            }
        }

        /// <summary>A custom function with one output.</summary>
        public abstract class SingleTensorFunction<T> : Function<T>
            where T : SingleTensorFunction<T>, new()
        {
            public static Tensor apply(params object[] vars) => apply_internal(vars)[0];

            public abstract Tensor forward(AutogradContext ctx, params object[] vars);

            /// <returns>One gradient for every argument of forward, null for those without.</returns>
            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);

            internal sealed override List<Tensor> Forward(AutogradContext ctx, object[] vars) => [forward(ctx, vars)];

            internal sealed override List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients) => backward(ctx, gradients[0]);
        }

        /// <summary>A custom function with several outputs.</summary>
        public abstract class MultiTensorFunction<T> : Function<T>
            where T : MultiTensorFunction<T>, new()
        {
            public static List<Tensor> apply(params object[] vars) => apply_internal(vars);

            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);

            public abstract List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs);

            internal sealed override List<Tensor> Forward(AutogradContext ctx, object[] vars) => forward(ctx, vars);

            internal sealed override List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients) => backward(ctx, gradients);
        }

        private static unsafe void Record(AutogradContext ctx, List<Tensor> inputs, List<Tensor> outputs)
        {
            nint[] ins = Handles(inputs), outs = Handles(outputs), before = Handles(outputs), saved = Handles(ctx.ToSave);
            int[] roles = outputs.Select(o => ctx.NonDifferentiable.Exists(n => ReferenceEquals(n, o)) ? 1 : ctx.Dirty.Exists(d => ReferenceEquals(d, o)) ? 2 : 0).ToArray();
            var self = GCHandle.Alloc(ctx);
            nint node;
            fixed (byte* name = Encoding.UTF8.GetBytes(ctx.FunctionName + '\0'))
            fixed (nint* i = ins, o = outs, s = saved)
            fixed (int* r = roles)
                node = ms_function((void*)GCHandle.ToIntPtr(self), &Apply, &Release, name, ctx.MaterializeGrads ? 1 : 0, i, ins.Length, o, r, outs.Length, s, saved.Length);
            KeepAlive(inputs, outputs, ctx.ToSave);
            if (node == 0)
                throw Failure(ctx.FunctionName);
            ctx.Node = ms_function_address(node);
            ms_function_drop(node);
            for (int k = 0; k < outs.Length; k++)
            {
                if (outs[k] != before[k])
                    outputs[k] = new Tensor(outs[k]);
            }
        }

        [UnmanagedCallersOnly]
        private static unsafe int Apply(void* managed, nint* gradients, int count, nint* results, int capacity)
        {
            try
            {
                var ctx = (AutogradContext)GCHandle.FromIntPtr((nint)managed).Target!;
                // What backward makes dies here; what it returns is given to the engine with a reference of its own.
                using DisposeScope scope = NewDisposeScope();
                var incoming = new List<Tensor>(count);
                for (int i = 0; i < count; i++)
                    incoming.Add(gradients[i] == 0 ? null! : new Tensor(ms_tensor_retain(gradients[i])));
                List<Tensor> outgoing = ctx.Backward(ctx, incoming);
                if (outgoing.Count != ctx.IsTensor.Length)
                    throw new InvalidOperationException($"{ctx.FunctionName}: backward returned {outgoing.Count} gradients for {ctx.IsTensor.Length} arguments");
                int at = 0;
                for (int i = 0; i < outgoing.Count; i++)
                {
                    if (!ctx.IsTensor[i])
                    {
                        if (outgoing[i] is not null)
                            throw new InvalidOperationException($"{ctx.FunctionName}: a gradient for argument {i + 1}, which is no tensor");
                        continue;
                    }
                    Tensor? g = outgoing[i];
                    if (g is not null && !g.IsInvalid)
                    {
                        ms_tensor_give(g.Handle);
                        results[at] = g.Handle;
                    }
                    at++;
                }
                return 0;
            }
            catch (Exception e)
            {
                t_callbackException = e;
                return -1;
            }
        }

        [UnmanagedCallersOnly]
        private static unsafe void Release(void* managed) => GCHandle.FromIntPtr((nint)managed).Free();
    }
}
