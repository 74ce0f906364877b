namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Learning rates as functions of the epoch; step() after each.</summary>
        public static class lr_scheduler
        {
            public abstract class LRScheduler
            {
                private readonly Optimizer _optimizer;
                private readonly Func<double, int, double> _rate;
                private int _epoch;

                internal LRScheduler(Optimizer optimizer, Func<double, int, double> rate, int lastEpoch)
                {
                    _optimizer = optimizer;
                    _rate = rate;
                    _epoch = lastEpoch;
                    step();
                }

                public virtual void step()
                {
                    _epoch++;
                    foreach (ILearningRateController g in _optimizer.ParamGroups)
                        g.LearningRate = _rate(g.InitialLearningRate, _epoch);
                }

                public IEnumerable<double> get_last_lr() => _optimizer.ParamGroups.Select(g => g.LearningRate);
            }

            private sealed class ClosedForm(Optimizer optimizer, Func<double, int, double> rate, int lastEpoch) : LRScheduler(optimizer, rate, lastEpoch);

            public static LRScheduler StepLR(Optimizer optimizer, int step_size, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new ClosedForm(optimizer, (lr, t) => lr * Math.Pow(gamma, t / step_size), last_epoch);

            public static LRScheduler MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new ClosedForm(optimizer, (lr, t) => lr * Math.Pow(gamma, milestones.Count(m => t >= m)), last_epoch);

            public static LRScheduler ExponentialLR(Optimizer optimizer, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                new ClosedForm(optimizer, (lr, t) => lr * Math.Pow(gamma, t), last_epoch);

            public static LRScheduler LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) =>
                new ClosedForm(optimizer, (lr, t) => lr * lr_lambda(t), last_epoch);

            public static LRScheduler CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false) =>
                new ClosedForm(optimizer, (lr, t) => eta_min + (lr - eta_min) * (1 + Math.Cos(Math.PI * t / T_max)) / 2, last_epoch);
        }
    }
}
