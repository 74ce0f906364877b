using System.Diagnostics;

namespace MoSar.Host.Telemetry;

/// <summary>What one stage cost for one photograph.</summary>
/// <param name="Path">Its place: <c>geometry</c>, <c>maps.baked</c>.</param>
/// <param name="Stage">The stage's id.</param>
/// <param name="WallSeconds">Elapsed.</param>
/// <param name="CpuSeconds">Of the whole process, all threads.</param>
/// <param name="PeakMemoryBytes">Most resident memory while it ran.</param>
/// <param name="ResidentBytes">Resident memory when it ended.</param>
/// <param name="LiveTensors">Tensors alive after it minus before it: anything but 0 is a leak or a cache.</param>
public sealed record StageMeasurement(
    string Path, string Stage, double WallSeconds, double CpuSeconds, long PeakMemoryBytes, long ResidentBytes, long LiveTensors);

/// <summary>Measures a stage from construction to <see cref="Stop"/>, as a trace span and as metrics.</summary>
internal sealed class StageMeter
{
    private readonly string path;
    private readonly string stage;
    private readonly Activity? activity;
    private readonly long startTicks;
    private readonly TimeSpan startCpu;
    private readonly long startTensors;

    public StageMeter(string path, string stage)
    {
        (this.path, this.stage) = (path, stage);
        activity = MoSarDiagnostics.Activities.StartActivity(path);
        activity?.SetTag("mosar.stage", stage);
        ProcessMemory.ResetPeak();
        startTensors = LiveTensors.Count();
        startCpu = Environment.CpuUsage.TotalTime;
        startTicks = Stopwatch.GetTimestamp();
    }

    /// <param name="error">The failure's code; null on success.</param>
    public StageMeasurement Stop(string? error = null)
    {
        var wall = Stopwatch.GetElapsedTime(startTicks).TotalSeconds;
        var cpu = (Environment.CpuUsage.TotalTime - startCpu).TotalSeconds;
        var (resident, peak) = ProcessMemory.Read();
        var measured = new StageMeasurement(path, stage, wall, cpu, peak, resident, LiveTensors.Count() - startTensors);
        var tags = new TagList { { "mosar.slot", path }, { "mosar.stage", stage } };
        MoSarDiagnostics.StageSeconds.Record(wall, tags);
        MoSarDiagnostics.StageCpu.Record(cpu, tags);
        MoSarDiagnostics.StagePeakMemory.Record(peak, tags);
        MoSarDiagnostics.StageTensors.Record(measured.LiveTensors, tags);
        activity?.SetStatus(error is null ? ActivityStatusCode.Ok : ActivityStatusCode.Error, error);
        activity?.Dispose();
        return measured;
    }
}
