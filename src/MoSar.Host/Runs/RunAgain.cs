using MoSar.Host.Manifests;

namespace MoSar.Host.Runs;

/// <summary>A file of the one run and the same file of the other.</summary>
/// <param name="Path">photograph/file.</param>
/// <param name="What">What differs; null when nothing does.</param>
public sealed record FileComparison(string Path, string? What);

/// <summary>Requests made from the record of an earlier run.</summary>
public static class RunAgain
{
    /// <summary>The same run, going on where it was interrupted.</summary>
    /// <exception cref="MoSarException"><c>run-missing</c>, <c>run-invalid</c>; <c>run-not-interrupted</c>: nothing is left to do.</exception>
    public static RunRequest Resume(string folder)
    {
        var record = RunRecord.Read(folder);
        var finished = record.Photographs.Where(p => p.Outcome == Outcome.Ok && Directory.Exists(Path.Combine(folder, p.Name))).ToArray();
        var inputs = Inputs(record);
        return finished.Length < inputs.Count
            ? Request(record, folder, inputs) with { Finished = finished, Force = true }
            : throw new MoSarException("run-finished", $"Every photograph of '{folder}' is finished.", "There is nothing to resume.");
    }

    /// <summary>The same run into another folder.</summary>
    /// <exception cref="MoSarException"><c>repeat-changed</c>: inputs, weights or plugins are not what they were.</exception>
    public static RunRequest Repeat(string folder, string into)
    {
        var record = RunRecord.Read(folder);
        if (record.Status != RunStatus.Finished)
        {
            throw new MoSarException("run-unfinished", $"The run '{folder}' is {record.Status.ToString().ToLowerInvariant()}.", $"Finish it first: mosar run --resume {folder}");
        }

        var changed = Changed(record).ToArray();
        return changed.Length == 0
            ? Request(record, into, Inputs(record))
            : throw new MoSarException(
                "repeat-changed",
                $"The run '{folder}' cannot be repeated: {string.Join("; ", changed)}.",
                "Restore them, or make a new run.");
    }

    /// <summary>Every output of both runs, photograph by photograph.</summary>
    public static IReadOnlyList<FileComparison> Compare(RunRecord first, RunRecord second)
    {
        var comparisons = new List<FileComparison>();
        foreach (var a in first.Photographs)
        {
            var b = second.Photographs.FirstOrDefault(p => p.Name == a.Name);
            if (b is null || a.Outcome != b.Outcome || a.Error?.Code != b.Error?.Code)
            {
                comparisons.Add(new FileComparison(a.Name, $"was {Said(a)}, is {(b is null ? "missing" : Said(b))}"));
                continue;
            }

            var theirs = b.Outputs.ToDictionary(o => o.Path);
            comparisons.AddRange(a.Outputs.Select(o => new FileComparison(
                $"{a.Name}/{o.Path}",
                !theirs.TryGetValue(o.Path, out var other) ? "is missing" : o.Sha256 == other.Sha256 ? null : $"differs ({o.Bytes} bytes, now {other.Bytes})")));
            comparisons.AddRange(b.Outputs.Where(o => a.Outputs.All(x => x.Path != o.Path)).Select(o => new FileComparison($"{a.Name}/{o.Path}", "is new")));
        }

        return comparisons;
    }

    private static string Said(PhotographRecord p) => p.Error is null ? p.Outcome.ToString().ToLowerInvariant() : $"failed ({p.Error.Code})";

    private static List<InputPhotograph> Inputs(RunRecord record) =>
        [.. record.Photographs.Select(p => new InputPhotograph(p.Name, p.Input)), .. record.Pending];

    private static RunRequest Request(RunRecord record, string folder, IReadOnlyList<InputPhotograph> inputs) => new()
    {
        // JSON is YAML: the record's manifest is read by the same reader and checked by the same rules as any other.
        Manifest = ManifestTree.FromText(record.Manifest.ToJsonString(), RunRecord.FileName, folder),
        Sets = record.Sets,
        PluginFolders = record.PluginFolders,
        Inputs = new InputList(inputs, record.Notices),
        Out = folder,
        Face = record.Face,
    };

    private static IEnumerable<string> Changed(RunRecord record)
    {
        var files = record.Photographs.Where(p => p.Sha256 is not null).Select(p => (p.Input, Hash: p.Sha256!))
            .Concat(record.Weights.Select(w => (Input: w.File.Path, Hash: w.File.Sha256)))
            .Concat(record.Plugins.SelectMany(p => p.Files.Select(f => (Input: Path.Combine(p.Folder, f.Path), Hash: f.Sha256))));
        foreach (var (path, hash) in files.DistinctBy(f => f.Input))
        {
            if (!File.Exists(path))
            {
                yield return $"'{path}' is gone";
            }
            else if (FileHash.Of(path, path).Sha256 != hash)
            {
                yield return $"'{path}' has changed";
            }
        }

        if (record.Versions != RunProvenance.Versions())
        {
            yield return $"it was made by mosar {record.Versions.MoSar} on {record.Versions.Runtime}, {record.Versions.OperatingSystem}, {record.Versions.Cores} cores";
        }
    }
}
