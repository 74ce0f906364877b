using System.CommandLine;
using System.Text.Json.Nodes;
using MoSar.Host.Data;
using MoSar.Host.Runs;
using Spectre.Console;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar data …</c>: training data. A further command is a method that makes it and a line in <see cref="Create"/>.</summary>
internal static class DataCommand
{
    public static Command Create(Session session) => new("data", "Makes and checks training data.\n\nExample:\n  mosar data lightstage --subjects 100 --out stage")
    {
        LightStageCommand.Create(session),
        SkinsCommand.Create(session),
        DataLandmarksCommand.Create(session, () => Progress(session)),
        Check(session),
    };

    private static Command Check(Session session)
    {
        var file = new Argument<string>("MANIFEST") { Description = "A manifest with 'data:'." };
        var limit = new Option<int?>("--limit") { Description = "Decode only so many items of each source, evenly spread; 0: none.", HelpName = "N" };
        limit.Between(0, int.MaxValue);
        var command = new Command(
            "check",
            """
            Lists a manifest's sources: items and subjects of each share, items that cannot be read, and what the first one holds. Decodes
            everything, which takes as long as that takes. Ends with 1 when an item is corrupt, unless the manifest says skip_corrupt.

            Example:
              mosar data check manifests/data/images.yaml --set data.sources.photographs.folder=photos
            """)
        {
            file, limit, session.Set, session.Plugins, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            using var signals = new Signals();
            using var data = ComposedData.Compose(session.LoadManifest(parsed, parsed.GetValue(file)), session.PluginFolders(parsed));
            IReadOnlyList<SourceReport> reports;
            try
            {
                reports = DataExamination.Run(data, parsed.GetValue(limit), Progress(session), signals.Token);
            }
            catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
            {
                return ExitCodes.Interrupted;
            }

            if (parsed.GetValue(session.Json))
            {
                session.WriteJson(ToJson(reports, data.Dataset.Options.SkipCorrupt));
            }
            else
            {
                Show(session, reports);
            }

            return reports.Any(r => r.Corrupt.Count > 0) && !data.Dataset.Options.SkipCorrupt ? ExitCodes.SomeFailed : ExitCodes.Ok;
        }));
        return command;
    }

    private static void Show(Session session, IReadOnlyList<SourceReport> reports)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumns("source", "stage", "share", "subjects", "items");
        foreach (var report in reports)
        {
            foreach (var split in Enum.GetValues<DatasetSplit>())
            {
                var isFirst = split == DatasetSplit.Train;
                table.AddRow(
                    isFirst ? Markup.Escape(report.Name) : string.Empty, isFirst ? report.Stage : string.Empty, Lower(split), $"{report.Subjects[split]}", $"{report.Items[split]}");
            }
        }

        session.Terminal.Rich().Write(table);
        foreach (var report in reports)
        {
            session.Terminal.Out.WriteLine($"{report.Name}: {report.Checked} of {report.Items.Values.Sum()} items decoded, {report.Corrupt.Count} corrupt");
            foreach (var item in report.Corrupt)
            {
                session.Terminal.Out.WriteLine($"  corrupt: {item.Id}: {item.Message}");
            }

            if (report.FirstId is { } first)
            {
                session.Terminal.Out.WriteLine($"  {first} holds");
                foreach (var (part, text) in report.First)
                {
                    session.Terminal.Out.WriteLine($"    {part,-24} {text}");
                }
            }
        }
    }

    private static JsonObject ToJson(IReadOnlyList<SourceReport> reports, bool skipsCorrupt) => new()
    {
        ["skip_corrupt"] = skipsCorrupt,
        ["sources"] = new JsonArray([.. reports.Select(r => new JsonObject
        {
            ["name"] = r.Name,
            ["stage"] = r.Stage,
            ["items"] = Shares(r.Items),
            ["subjects"] = Shares(r.Subjects),
            ["checked"] = r.Checked,
            ["corrupt"] = new JsonArray([.. r.Corrupt.Select(c => new JsonObject { ["id"] = c.Id, ["code"] = c.Code, ["message"] = c.Message })]),
            ["first"] = r.FirstId is null ? null : new JsonObject([KeyValuePair.Create("id", (JsonNode?)r.FirstId), .. r.First.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))]),
        })]),
    };

    private static JsonObject Shares(IReadOnlyDictionary<DatasetSplit, int> counts) => new(counts.Select(c => KeyValuePair.Create(Lower(c.Key), (JsonNode?)c.Value)));

    private static string Lower(DatasetSplit split) => split.ToString().ToLowerInvariant();

    /// <summary>One line that counts, on a terminal that a person watches; nothing elsewhere.</summary>
    private static Counter? Progress(Session session) => session.Terminal.IsInteractive ? new Counter(session.Terminal.Error) : null;

    private sealed class Counter(TextWriter error) : IProgress<(int Done, int Of)>
    {
        private readonly Lock gate = new();
        private long last;

        public void Report((int Done, int Of) value)
        {
            lock (gate)
            {
                if (value.Done < value.Of && System.Diagnostics.Stopwatch.GetElapsedTime(last).TotalSeconds < 0.2)
                {
                    return;
                }

                last = System.Diagnostics.Stopwatch.GetTimestamp();
                error.Write(value.Done < value.Of ? $"\r{value.Done} of {value.Of} items " : "\r\x1b[K");
            }
        }
    }
}
