using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>What batch and instance norms share: scale, shift and running statistics.</summary>
    public abstract class NormBase : Module<Tensor, Tensor>
    {
        private protected NormBase(string name, long features, double eps, double? momentum, bool affine, bool trackStatistics, Device? device, ScalarType? dtype)
            : base(name)
        {
            num_features = features;
            this.eps = eps;
            this.momentum = momentum;
            this.affine = affine;
            track_running_stats = trackStatistics;
            using DisposeScope scope = NewDisposeScope();
            if (affine)
            {
                weight = new Parameter(ones(features, dtype, device));
                bias = new Parameter(zeros(features, dtype, device));
                register_parameter("weight", weight);
                register_parameter("bias", bias);
            }
            if (trackStatistics)
            {
                running_mean = zeros(features, dtype, device);
                running_var = ones(features, dtype, device);
                num_batches_tracked = zeros([], ScalarType.Int64, device);
                register_buffer("running_mean", running_mean);
                register_buffer("running_var", running_var);
                register_buffer("num_batches_tracked", num_batches_tracked);
            }
        }

        public Parameter? weight { get; }
        public Parameter? bias { get; }
        public Tensor? running_mean { get; }
        public Tensor? running_var { get; }
        public Tensor? num_batches_tracked { get; }
        public long num_features { get; }
        public double eps { get; set; }
        public double? momentum { get; set; }
        public bool affine { get; }
        public bool track_running_stats { get; }
    }

    public abstract class BatchNorm : NormBase
    {
        private protected BatchNorm(string name, long features, double eps, double momentum, bool affine, bool track, Device? device, ScalarType? dtype)
            : base(name, features, eps, momentum, affine, track, device, dtype)
        {
        }

        public override Tensor forward(Tensor input)
        {
            bool useBatch = training || running_mean is null;
            double factor = momentum ?? 0;
            if (training && num_batches_tracked is not null)
            {
                using IDisposable frozen = no_grad();
                num_batches_tracked.add_(1);
                factor = momentum ?? 1.0 / num_batches_tracked.item<long>();
            }
            Tensor? mean = training && !track_running_stats ? null : running_mean;
            return functional.batch_norm(input, mean, mean is null ? null : running_var, weight, bias, useBatch, factor, eps);
        }
    }

    public sealed class BatchNorm2d : BatchNorm
    {
        internal BatchNorm2d(long features, double eps, double momentum, bool affine, bool track, Device? device, ScalarType? dtype)
            : base(nameof(BatchNorm2d), features, eps, momentum, affine, track, device, dtype)
        {
        }
    }

    public sealed class BatchNorm1d : BatchNorm
    {
        internal BatchNorm1d(long features, double eps, double momentum, bool affine, bool track, Device? device, ScalarType? dtype)
            : base(nameof(BatchNorm1d), features, eps, momentum, affine, track, device, dtype)
        {
        }
    }

    public sealed class InstanceNorm2d : NormBase
    {
        internal InstanceNorm2d(long features, double eps, double momentum, bool affine, bool track, Device? device, ScalarType? dtype)
            : base(nameof(InstanceNorm2d), features, eps, momentum, affine, track, device, dtype)
        {
        }

        public override Tensor forward(Tensor input) =>
            functional.instance_norm(input, running_mean, running_var, weight, bias, training || !track_running_stats, momentum ?? 0, eps);
    }

    public sealed class GroupNorm : Module<Tensor, Tensor>
    {
        internal GroupNorm(long groups, long channels, double eps, bool affine, Device? device, ScalarType? dtype)
            : base(nameof(GroupNorm))
        {
            num_groups = groups;
            this.eps = eps;
            this.affine = affine;
            if (!affine)
                return;
            using DisposeScope scope = NewDisposeScope();
            weight = new Parameter(ones(channels, dtype, device));
            bias = new Parameter(zeros(channels, dtype, device));
            register_parameter("weight", weight);
            register_parameter("bias", bias);
        }

        public Parameter? weight { get; }
        public Parameter? bias { get; }
        public long num_groups { get; }
        public double eps { get; }
        public bool affine { get; }

        public override Tensor forward(Tensor tensor) => functional.group_norm(tensor, num_groups, weight, bias, eps);
    }

    public sealed class LayerNorm : Module<Tensor, Tensor>
    {
        internal LayerNorm(long[] shape, double eps, bool affine, bool hasBias, Device? device, ScalarType? dtype)
            : base(nameof(LayerNorm))
        {
            normalized_shape = shape;
            this.eps = eps;
            elementwise_affine = affine;
            if (!affine)
                return;
            using DisposeScope scope = NewDisposeScope();
            weight = new Parameter(ones(shape, dtype, device));
            bias = hasBias ? new Parameter(zeros(shape, dtype, device)) : null;
            register_parameter("weight", weight);
            register_parameter("bias", bias);
        }

        public Parameter? weight { get; }
        public Parameter? bias { get; }
        public long[] normalized_shape { get; }
        public double eps { get; }
        public bool elementwise_affine { get; }

        public override Tensor forward(Tensor tensor) => functional.layer_norm(tensor, normalized_shape, weight, bias, eps);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.BatchNorm2d BatchNorm2d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static Modules.BatchNorm1d BatchNorm1d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static Modules.InstanceNorm2d InstanceNorm2d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = false, bool track_running_stats = false, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static Modules.GroupNorm GroupNorm(long num_groups, long num_channels, double eps = 1e-05, bool affine = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_groups, num_channels, eps, affine, device, dtype);

            public static Modules.LayerNorm LayerNorm(long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

            public static Modules.LayerNorm LayerNorm(long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new([normalized_shape], eps, elementwise_affine, bias, device, dtype);
        }
    }
}
