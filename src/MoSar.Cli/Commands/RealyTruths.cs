using MoSar.Faces.Evaluation;

namespace MoSar.Cli.Commands;

/// <summary>A prediction's file and the subject that it is of.</summary>
internal sealed record RealyPair(string Name, string Prediction, string Subject);

/// <summary>True shapes on disk: the REALY benchmark, the heads of a light stage, or one head.</summary>
internal sealed class RealyTruths
{
    private readonly RealyFolder? _benchmark;
    private readonly SortedDictionary<string, string> _heads = new(StringComparer.Ordinal);
    private readonly RealyHeads _own;
    private readonly string _path;

    private RealyTruths(string path, RealyHeads own, RealyFolder? benchmark) => (_path, _own, _benchmark) = (path, own, benchmark);

    /// <exception cref="MoSarException"><c>realy-folder</c>, <c>realy-scale</c>.</exception>
    public static RealyTruths Open(string path, RealyHeads own)
    {
        if (RealyFolder.IsOne(path))
        {
            return new RealyTruths(path, own, RealyFolder.Open(path));
        }

        var truths = new RealyTruths(path, own, null);
        if (File.Exists(path))
        {
            truths._heads.Add(Path.GetFileNameWithoutExtension(path), path);
            return truths;
        }

        var subjects = Path.Combine(path, "subjects");
        foreach (var folder in Directory.Exists(subjects) ? Directory.GetDirectories(subjects) : [])
        {
            var mesh = Path.Combine(folder, "mesh.obj");
            if (!Path.GetFileName(folder).StartsWith('.') && File.Exists(mesh))
            {
                truths._heads.Add(Path.GetFileName(folder), mesh);
            }
        }

        return truths._heads.Count > 0
            ? truths
            : throw new MoSarException(
                "realy-folder", $"'{path}' holds no true shapes: neither REALY_scan_region nor subjects/ID/mesh.obj is there.",
                "Name the REALY benchmark's folder, a folder of `mosar data lightstage`, or one mesh (docs/realy.md).");
    }

    public RealySubject Load(string subject)
    {
        if (_benchmark is not null)
        {
            return _benchmark.Load(int.Parse(subject, System.Globalization.CultureInfo.InvariantCulture));
        }

        return _own.Subject(_heads[subject], RealyTopologyFile.ReadPrediction(_heads[subject], _own.Topology));
    }

    /// <summary>Every prediction below a path with its subject, by name.</summary>
    /// <exception cref="MoSarException"><c>realy-no-predictions</c>, <c>realy-name</c>.</exception>
    public IReadOnlyList<RealyPair> Pair(string path)
    {
        if (File.Exists(path) && _benchmark is null && _heads.Count == 1)
        {
            return [new RealyPair(Path.GetFileNameWithoutExtension(path), path, _heads.Keys.First())];
        }

        var pairs = new List<RealyPair>();
        foreach (var (name, file) in Found(path))
        {
            if (_benchmark is not null)
            {
                pairs.Add(new RealyPair(name, file, $"{RealyFolder.SubjectOf(name)}"));
            }
            else if (_heads.Keys.Where(h => name == h || name.StartsWith(h + "_", StringComparison.Ordinal)).MaxBy(h => h.Length) is { } head)
            {
                pairs.Add(new RealyPair(name, file, head));
            }
            else
            {
                throw new MoSarException("realy-name", $"'{file}' is of no subject of {_path}: {name}.", $"Name predictions after subjects: {_heads.Keys.First()}.obj, {_heads.Keys.First()}_VIEW.obj or folders of such names.");
            }
        }

        return pairs.Count > 0
            ? pairs
            : throw new MoSarException("realy-no-predictions", $"There is no prediction in '{path}'.", "Give a folder of ID.obj, ID_VIEW.obj, or folders of such names with mesh.obj.");
    }

    private static IEnumerable<(string Name, string File)> Found(string path)
    {
        if (File.Exists(path))
        {
            return [(Path.GetFileNameWithoutExtension(path), path)];
        }

        if (!Directory.Exists(path))
        {
            return [];
        }

        return Directory.GetFiles(path, "*.obj").Select(f => (Path.GetFileNameWithoutExtension(f), f))
            .Concat(Directory.GetDirectories(path).Select(d => (Path.GetFileName(d), Path.Combine(d, "mesh.obj"))).Where(p => File.Exists(p.Item2)))
            .OrderBy(p => p.Item1.Split('_')[0].Length).ThenBy(p => p.Item1, StringComparer.Ordinal);
    }
}
