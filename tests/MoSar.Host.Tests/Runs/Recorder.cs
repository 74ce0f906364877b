using MoSar.Host.Runs;
using MoSar.Host.Telemetry;

namespace MoSar.Host.Tests.Runs;

/// <summary>Writes down what it is told, and lets a test act on it.</summary>
internal sealed class Recorder : IRunObserver
{
    public List<string> Events { get; } = [];

    public Action<StageProgress> OnProgress { get; init; } = _ => { };

    public void RunStarted(string folder, IReadOnlyList<InputPhotograph> photographs, int stages) => Events.Add($"run {photographs.Count} {stages}");

    public void Notice(string? photograph, string message) => Events.Add($"notice {photograph} {message}");

    public void PhotographStarted(InputPhotograph photograph) => Events.Add($"photograph {photograph.Name}");

    public void StageStarted(string photograph, string path, string stage) => Events.Add($"stage {path}");

    public void StageProgressed(string photograph, string path, StageProgress progress) => OnProgress(progress);

    public void StageFinished(string photograph, StageMeasurement measured)
    {
    }

    public void PhotographFinished(PhotographRecord outcome) => Events.Add($"outcome {outcome.Name} {outcome.Outcome}");

    public void RunFinished(RunRecord record, string folder) => Events.Add($"end {record.Status}");
}
