using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MoSar.Host.Telemetry;

/// <summary>Sends traces and metrics by OTLP when the standard variables ask for it.</summary>
public static class TelemetryExport
{
    private static readonly string[] Variables =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    ];

    /// <param name="environment">Reads a variable.</param>
    /// <returns>Flushes and stops when disposed; null when nothing is asked for, and then no OpenTelemetry assembly is loaded.</returns>
    public static IDisposable? StartIfAsked(Func<string, string?> environment)
    {
        var isAsked = Variables.Any(v => !string.IsNullOrEmpty(environment(v)));
        var isDisabled = string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);
        return isAsked && !isDisabled ? Start() : null;
    }

    // Not inlined: compiling this method is what loads the assemblies.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Providers Start()
    {
        var resource = ResourceBuilder.CreateDefault().AddService("mosar").AddEnvironmentVariableDetector();
        return new Providers(
            Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(MoSarDiagnostics.Name).AddOtlpExporter().Build(),
            Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(MoSarDiagnostics.Name).AddOtlpExporter().Build());
    }

    private sealed class Providers(TracerProvider traces, MeterProvider metrics) : IDisposable
    {
        public void Dispose()
        {
            traces.Dispose();
            metrics.Dispose();
        }
    }
}
