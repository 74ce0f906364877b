using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    /// <summary>A loss: input and target in, one number (or one for each element) out.</summary>
    public abstract class Loss<T1, T2, TResult> : Module<T1, T2, TResult>
    {
        public Loss(Reduction reduction = Reduction.Mean)
            : base(nameof(Loss<T1, T2, TResult>)) => this.reduction = reduction;

        public Reduction reduction { get; }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.MSELoss MSELoss(Reduction reduction = Reduction.Mean) => new(reduction);
            public static Modules.L1Loss L1Loss(Reduction reduction = Reduction.Mean) => new(reduction);
            public static Modules.SmoothL1Loss SmoothL1Loss(Reduction reduction = Reduction.Mean, double beta = 1) => new(reduction, beta);
            public static Modules.CrossEntropyLoss CrossEntropyLoss(Tensor? weight = null, long? ignore_index = null, Reduction reduction = Reduction.Mean) => new(weight, ignore_index, reduction);
            public static Modules.BCEWithLogitsLoss BCEWithLogitsLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) => new(weight, reduction, pos_weights);
        }
    }
}

namespace TorchSharp.Modules
{
    public sealed class MSELoss(Reduction reduction = Reduction.Mean) : Loss<Tensor, Tensor, Tensor>(reduction)
    {
        public override Tensor forward(Tensor input, Tensor target) => functional.mse_loss(input, target, reduction);
    }

    public sealed class L1Loss(Reduction reduction = Reduction.Mean) : Loss<Tensor, Tensor, Tensor>(reduction)
    {
        public override Tensor forward(Tensor input, Tensor target) => functional.l1_loss(input, target, reduction);
    }

    public sealed class SmoothL1Loss(Reduction reduction = Reduction.Mean, double beta = 1) : Loss<Tensor, Tensor, Tensor>(reduction)
    {
        public override Tensor forward(Tensor input, Tensor target) => functional.smooth_l1_loss(input, target, reduction, beta);
    }

    public sealed class CrossEntropyLoss : Loss<Tensor, Tensor, Tensor>
    {
        private readonly Tensor? _weight;
        private readonly long _ignore;

        internal CrossEntropyLoss(Tensor? weight, long? ignore, Reduction reduction)
            : base(reduction)
        {
            _weight = weight;
            _ignore = ignore ?? -100;
        }

        public override Tensor forward(Tensor input, Tensor target) => functional.cross_entropy(input, target, _weight, _ignore, reduction);
    }

    public sealed class BCEWithLogitsLoss : Loss<Tensor, Tensor, Tensor>
    {
        private readonly Tensor? _weight;
        private readonly Tensor? _positive;

        internal BCEWithLogitsLoss(Tensor? weight, Reduction reduction, Tensor? positive)
            : base(reduction)
        {
            _weight = weight;
            _positive = positive;
        }

        public override Tensor forward(Tensor input, Tensor target) => functional.binary_cross_entropy_with_logits(input, target, _weight, reduction, _positive);
    }
}
