using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MoSar.Host.Telemetry;

/// <summary>The names under which traces and metrics leave the process. Free unless someone listens.</summary>
public static class MoSarDiagnostics
{
    public const string Name = "MoSar";

    internal static ActivitySource Activities { get; } = new(Name);

    internal static Meter Meter { get; } = new(Name);

    internal static Histogram<double> StageSeconds { get; } = Meter.CreateHistogram<double>("mosar.stage.duration", "s", "Wall time of a stage.");

    internal static Histogram<double> StageCpu { get; } = Meter.CreateHistogram<double>("mosar.stage.cpu", "s", "CPU time of the process during a stage.");

    internal static Histogram<long> StagePeakMemory { get; } = Meter.CreateHistogram<long>("mosar.stage.memory.peak", "By", "Peak resident memory during a stage.");

    internal static Histogram<long> StageTensors { get; } = Meter.CreateHistogram<long>("mosar.stage.tensors", "{tensor}", "Live tensors that a stage left behind.");

    internal static Counter<long> Photographs { get; } = Meter.CreateCounter<long>("mosar.photographs", "{photograph}", "Photographs by outcome.");
}
