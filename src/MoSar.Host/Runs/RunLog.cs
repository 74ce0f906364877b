using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace MoSar.Host.Runs;

/// <summary>The log of a run folder: everything, with times, for the people who write stages.</summary>
internal static class RunLog
{
    private const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    public static ILoggerFactory Open(string folder)
    {
        var log = new LoggerConfiguration()
            .MinimumLevel.Is(LogEventLevel.Debug)
            .WriteTo.File(Path.Combine(folder, RunRecord.LogFileName), outputTemplate: Template, formatProvider: System.Globalization.CultureInfo.InvariantCulture)
            .CreateLogger();
        return new SerilogLoggerFactory(log, dispose: true);
    }
}
