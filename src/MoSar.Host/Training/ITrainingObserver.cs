using MoSar.Learning.Training;

namespace MoSar.Host.Training;

/// <param name="Folder">The training's.</param>
/// <param name="Step">Done already; above 0 when it goes on.</param>
/// <param name="Steps">In all.</param>
/// <param name="Sources">Rows of each source in a batch, and how many samples it has to draw from.</param>
/// <param name="Parameters">Numbers that are trained.</param>
public sealed record TrainingStart(string Folder, int Step, int Steps, IReadOnlyList<(string Name, int Rows, int Samples)> Sources, long Parameters);

/// <summary>What happens in a training, for whoever shows it.</summary>
public interface ITrainingObserver
{
    void Started(TrainingStart start);

    /// <summary>After every step.</summary>
    /// <param name="left">Time until the end at the pace so far.</param>
    void Stepped(int step, double loss, TimeSpan left);

    /// <summary>Now and then (<c>report_every</c>).</summary>
    /// <param name="report">Means since the last one.</param>
    void Reported(int step, StepReport report, double secondsPerStep, TimeSpan left);

    void Validated(int step, ValidationReport report, bool isBest);

    void Notice(string message);
}
