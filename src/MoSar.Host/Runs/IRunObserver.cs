using MoSar.Host.Telemetry;

namespace MoSar.Host.Runs;

/// <summary>Who shows a run to a person or a program. Calls come one at a time, but not always from the same thread.</summary>
public interface IRunObserver
{
    void RunStarted(string folder, IReadOnlyList<InputPhotograph> photographs, int stages);

    /// <summary>Something a person should know that is no error.</summary>
    void Notice(string? photograph, string message);

    void PhotographStarted(InputPhotograph photograph);

    void StageStarted(string photograph, string path, string stage);

    void StageProgressed(string photograph, string path, StageProgress progress);

    void StageFinished(string photograph, StageMeasurement measured);

    void PhotographFinished(PhotographRecord outcome);

    void RunFinished(RunRecord record, string folder);
}

/// <summary>Shows nothing.</summary>
public sealed class SilentObserver : IRunObserver
{
    public void RunStarted(string folder, IReadOnlyList<InputPhotograph> photographs, int stages)
    {
    }

    public void Notice(string? photograph, string message)
    {
    }

    public void PhotographStarted(InputPhotograph photograph)
    {
    }

    public void StageStarted(string photograph, string path, string stage)
    {
    }

    public void StageProgressed(string photograph, string path, StageProgress progress)
    {
    }

    public void StageFinished(string photograph, StageMeasurement measured)
    {
    }

    public void PhotographFinished(PhotographRecord outcome)
    {
    }

    public void RunFinished(RunRecord record, string folder)
    {
    }
}
