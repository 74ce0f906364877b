using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Kingma and Ba, "Adam: a method for stochastic optimization" (2015), with PyTorch's arithmetic.</summary>
    public class Adam : AdamBase, optim.IBetas
    {
        public Adam(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : this([new ParamGroup(parameters, new Options())], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
        {
        }

        public Adam(IEnumerable<ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : base(parameters, AdamOptions.Of<Options>(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize), decoupled: false)
        {
        }

        public class Options : AdamOptions
        {
        }

        public class ParamGroup : ParamGroup<Options>, optim.IBetas
        {
            public ParamGroup()
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options)
                : base(parameters, options)
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                : base(parameters, AdamOptions.Of<Options>(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize))
            {
            }

            public (double, double) Betas { get => Options.Betas; set => Options.Betas = value; }
        }
    }

    /// <summary>Adam with decoupled weight decay: Loshchilov and Hutter (2019).</summary>
    public class AdamW : AdamBase, optim.IBetas
    {
        public AdamW(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : this([new ParamGroup(parameters, new Options())], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
        {
        }

        public AdamW(IEnumerable<ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : base(parameters, AdamOptions.Of<Options>(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize), decoupled: true)
        {
        }

        public class Options : AdamOptions
        {
        }

        public class ParamGroup : ParamGroup<Options>, optim.IBetas
        {
            public ParamGroup()
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options)
                : base(parameters, options)
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                : base(parameters, AdamOptions.Of<Options>(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize))
            {
            }

            public (double, double) Betas { get => Options.Betas; set => Options.Betas = value; }
        }
    }

    public class AdamOptions : OptimizerOptions
    {
        public double? beta1;
        public double? beta2;
        public double? eps;
        public double? weight_decay;
        public bool? amsgrad;
        public bool? maximize;

        internal (double, double) Betas
        {
            get => (beta1 ?? 0.9, beta2 ?? 0.999);
            set => (beta1, beta2) = value;
        }

        internal static T Of<T>(double lr, double beta1, double beta2, double eps, double weight_decay, bool amsgrad, bool maximize)
            where T : AdamOptions, new() =>
            new() { LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize };
    }

    /// <summary>What Adam and AdamW share: the moments of every parameter and the step.</summary>
    public abstract class AdamBase : optim.Optimizer
    {
        private readonly Dictionary<Parameter, State> _state = new(ReferenceEqualityComparer.Instance);
        private readonly AdamOptions _defaults;
        private readonly bool _decoupled;

        private protected AdamBase(IEnumerable<ParamGroup> groups, AdamOptions defaults, bool decoupled)
        {
            _defaults = defaults;
            _decoupled = decoupled;
            foreach (ParamGroup g in groups)
                add_param_group(g);
        }

        /// <summary>First and second moment of one parameter's gradient.</summary>
        internal sealed record State(Tensor Mean, Tensor Square, Tensor? Largest)
        {
            public long Step { get; set; }
        }

        internal IReadOnlyDictionary<Parameter, State> States => _state;

        public (double, double) Betas
        {
            get => Groups.Count > 0 && Groups[0].Options is AdamOptions o ? o.Betas : (0.9, 0.999);
            set
            {
                foreach (AdamOptions o in Groups.Select(g => g.Options).OfType<AdamOptions>())
                    o.Betas = value;
            }
        }

        public override void add_param_group(ParamGroup param_group)
        {
            var o = (AdamOptions)param_group.Options;
            o.LearningRate ??= _defaults.LearningRate;
            o.InitialLearningRate = o.LearningRate!.Value;
            o.beta1 ??= _defaults.beta1;
            o.beta2 ??= _defaults.beta2;
            o.eps ??= _defaults.eps;
            o.weight_decay ??= _defaults.weight_decay;
            o.amsgrad ??= _defaults.amsgrad;
            o.maximize ??= _defaults.maximize;
            param_group.Parameters = param_group.Parameters.ToArray();
            base.add_param_group(param_group);
        }

        public override Tensor? step(Func<Tensor>? closure = null)
        {
            Tensor? loss = null;
            if (closure is not null)
            {
                using IDisposable recorded = enable_grad();
                loss = closure();
            }
            using IDisposable frozen = no_grad();
            foreach (ParamGroup group in Groups)
            {
                var o = (AdamOptions)group.Options;
                foreach (Parameter p in group.Parameters)
                {
                    using Tensor? gradient = p.grad;
                    if (gradient is not null)
                        Update(p, gradient, o);
                }
            }
            return loss;
        }

        private void Update(Parameter p, Tensor gradient, AdamOptions o)
        {
            if (!_state.TryGetValue(p, out State? state))
            {
                state = new State(
                    p.zeros_like().DetachFromDisposeScope(),
                    p.zeros_like().DetachFromDisposeScope(),
                    o.amsgrad == true ? p.zeros_like().DetachFromDisposeScope() : null);
                _state.Add(p, state);
            }
            state.Step++;
            if (state.Largest is null)
            {
                int slow = NativeMethods.Checked(NativeMethods.ms_adam(
                    p.Handle, gradient.Handle, state.Mean.Handle, state.Square.Handle, state.Step, o.LearningRate!.Value, o.beta1!.Value,
                    o.beta2!.Value, o.eps!.Value, o.weight_decay!.Value, _decoupled ? 1 : 0, o.maximize == true ? 1 : 0));
                if (slow == 0)
                    return;
            }
            UpdateByOperators(p, gradient, state, o);
        }

        /// <summary>The same step for what the native kernel does not take: other types, devices and layouts, and amsgrad.</summary>
        private void UpdateByOperators(Parameter p, Tensor gradient, State state, AdamOptions o)
        {
            using DisposeScope scope = NewDisposeScope();
            double lr = o.LearningRate!.Value, beta1 = o.beta1!.Value, beta2 = o.beta2!.Value, decay = o.weight_decay!.Value;
            Tensor g = o.maximize == true ? -gradient : gradient;
            if (decay != 0 && _decoupled)
                p.mul_(1 - lr * decay);
            else if (decay != 0)
                g = g.add(p, decay);
            state.Mean.mul_(beta1).add_(g, 1 - beta1);
            state.Square.mul_(beta2).addcmul_(g, g, 1 - beta2);
            Tensor square = state.Square;
            if (state.Largest is not null)
                square = state.Largest.copy_(state.Largest.maximum(square));
            double correction1 = 1 - Math.Pow(beta1, state.Step), correction2 = 1 - Math.Pow(beta2, state.Step);
            Tensor denominator = (square.sqrt() / Math.Sqrt(correction2)).add_(o.eps!.Value);
            p.addcdiv_(state.Mean, denominator, -lr / correction1);
        }

        protected override void Dispose(bool disposing)
        {
            if (!disposing)
                return;
            foreach (State s in _state.Values)
            {
                s.Mean.Dispose();
                s.Square.Dispose();
                s.Largest?.Dispose();
            }
            _state.Clear();
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static Adam Adam(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static Adam Adam(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters.Select(p => p.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static Adam Adam(IEnumerable<Modules.Adam.ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters.Select(p => p.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(IEnumerable<Modules.AdamW.ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }
}
