using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public interface ILearningRateController
            {
                double LearningRate { get; set; }

                double InitialLearningRate { get; set; }
            }

            public interface IBetas
            {
                (double, double) Betas { get; set; }
            }

            /// <summary>Changes parameters by their gradients.</summary>
            public abstract class Optimizer : IDisposable
            {
                private protected readonly List<ParamGroup> Groups = [];

                public IEnumerable<ILearningRateController> ParamGroups => Groups;

                public virtual IEnumerable<Parameter> parameters() => Groups.SelectMany(g => g.Parameters);

                public virtual void add_param_group(ParamGroup param_group) => Groups.Add(param_group);

                /// <summary>Lets every gradient go (it becomes null, as in PyTorch since 2.0).</summary>
                public virtual void zero_grad()
                {
                    foreach (Parameter p in parameters())
                        p.grad = null;
                }

                public abstract Tensor? step(Func<Tensor>? closure = null);

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                protected virtual void Dispose(bool disposing)
                {
                }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public class OptimizerOptions
    {
        public double? LearningRate { get; set; }

        public double InitialLearningRate { get; set; }
    }

    /// <summary>Parameters that share a learning rate and other settings.</summary>
    public class ParamGroup : torch.optim.ILearningRateController
    {
        public IEnumerable<Parameter> Parameters { get; set; } = [];

        public OptimizerOptions Options { get; set; } = new();

        public double LearningRate
        {
            get => Options.LearningRate ?? 0;
            set => Options.LearningRate = value;
        }

        public double InitialLearningRate
        {
            get => Options.InitialLearningRate;
            set => Options.InitialLearningRate = value;
        }
    }

    public class ParamGroup<TOptions> : ParamGroup
        where TOptions : OptimizerOptions, new()
    {
        public ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, TOptions? options = null)
        {
            Parameters = parameters.ToArray();
            base.Options = options ?? new TOptions();
        }

        public new TOptions Options
        {
            get => (TOptions)base.Options;
            set => base.Options = value;
        }
    }
}
