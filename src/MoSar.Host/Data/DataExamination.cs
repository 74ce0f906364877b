using MoSar.Learning.Data;

namespace MoSar.Host.Data;

/// <param name="Id">The item's id in its source.</param>
/// <param name="Code">Of the error.</param>
/// <param name="Message">What is wrong, naming the file.</param>
public sealed record CorruptItem(string Id, string Code, string Message);

/// <summary>What one source holds.</summary>
/// <param name="Stage">For example <c>data.images</c>.</param>
/// <param name="Items">Items by share.</param>
/// <param name="Subjects">Subjects by share.</param>
/// <param name="Checked">How many items were decoded.</param>
/// <param name="Corrupt">Those of them that cannot be, in the source's order.</param>
/// <param name="First">What the first readable item holds: part and description.</param>
public sealed record SourceReport(
    string Name,
    string Stage,
    IReadOnlyDictionary<DatasetSplit, int> Items,
    IReadOnlyDictionary<DatasetSplit, int> Subjects,
    int Checked,
    IReadOnlyList<CorruptItem> Corrupt,
    string? FirstId,
    IReadOnlyList<KeyValuePair<string, string>> First);

/// <summary>Decodes data to see whether they are sound.</summary>
public static class DataExamination
{
    /// <param name="data">Composed: its folders are there.</param>
    /// <param name="limit">Items of each source to decode, evenly spread; null: all.</param>
    /// <param name="progress">Items decoded so far and of how many.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IReadOnlyList<SourceReport> Run(ComposedData data, int? limit, IProgress<(int Done, int Of)>? progress, CancellationToken cancellation)
    {
        var chosen = data.Dataset.Sources.Select(s => Spread(s.Source.Items.Count, limit)).ToArray();
        var (done, of) = (0, chosen.Sum(c => c.Count));
        var reports = new List<SourceReport>();
        foreach (var (source, indices) in data.Dataset.Sources.Zip(chosen))
        {
            var failures = new CorruptItem?[indices.Count];
            var first = (At: int.MaxValue, Sample: (DatasetSample?)null);
            var gate = new object();
            Parallel.For(0, indices.Count, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
            {
                try
                {
                    var sample = source.Source.Load(indices[i], cancellation);
                    lock (gate)
                    {
                        first = i < first.At ? (i, sample) : first;
                    }
                }
                catch (MoSarException e)
                {
                    failures[i] = new CorruptItem(source.Source.Items[indices[i]].Id, e.Code, e.Message);
                }

                progress?.Report((Interlocked.Increment(ref done), of));
            });
            var choice = data.Manifest.Data!.Sources.Single(s => s.Path == $"sources.{source.Name}");
            reports.Add(new SourceReport(
                source.Name,
                choice.Registration.Id,
                Count(source, data, _ => true),
                Count(source, data, new HashSet<string>(StringComparer.Ordinal).Add),
                indices.Count,
                [.. failures.OfType<CorruptItem>()],
                first.Sample?.Id,
                first.Sample is { } found ? Contents(found) : []));
        }

        return reports;
    }

    /// <summary>What a sample holds, a line each.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Contents(DatasetSample sample)
    {
        var lines = new List<KeyValuePair<string, string>>();
        void Add(string part, string? text)
        {
            if (text is not null)
            {
                lines.Add(KeyValuePair.Create(part, text));
            }
        }

        Add("photograph", sample.Photograph is { } p ? $"{p.Width}×{p.Height}, mean {p.Pixels.Average():F3}" : null);
        Add("landmarks", sample.Landmarks is { } l ? $"{l.Points.Count}, {l.Visible.Count(v => v)} visible" : null);
        Add("camera", sample.Camera is { } c ? $"focal length {c.Fx:F0} px, {-c.Translation.Z:F0} mm away" : null);
        Add("mesh", sample.Mesh is { } m ? $"{m.Positions.Length} vertices of {m.Template.Id}" : null);
        foreach (var map in sample.Maps.All.Values)
        {
            Add($"map {map.Descriptor.Name}", $"{map.Pixels.Width}²×{map.Pixels.Channels}, {map.Pixels.Pixels.Min():G4} to {map.Pixels.Pixels.Max():G4}, {map.Descriptor.Units}");
        }

        Add("atlas", sample.Atlas is { } atlas ? $"{atlas}" : null);
        Add("mask", sample.Mask is { } mask ? $"{mask.Width}×{mask.Height}, {100 * mask.Pixels.Where((_, i) => i % mask.Channels == 0).Average():F1} % head" : null);
        var labels = new[] { ("position", sample.Labels?.Position), ("normal", sample.Labels?.Normal), ("uv", sample.Labels?.Uv) };
        Add("labels", sample.Labels is null ? null : $"{string.Join(", ", labels.Where(x => x.Item2 is not null).Select(x => x.Item1))}");
        Add("light", sample.Light?.Harmonics is { } sh ? $"{sh.Coefficients.Length} harmonics" : null);
        Add("environment", sample.Light?.Environment is { } e ? $"{e.Name}, turned {e.Yaw:F2}, exposure {e.Exposure:G3}" : null);
        Add("panorama", sample.Light?.Panorama is { } pano ? $"{pano.Width}×{pano.Height}, brightest {pano.Pixels.Max():G4}" : null);
        Add("identity", sample.Identity is { } id ? $"{id.Count} parameters" : null);
        Add("expression", sample.Expression is { } x ? $"{x.Values.Count(w => w != 0)} of {x.Count} not 0" : null);
        return lines;
    }

    private static Dictionary<DatasetSplit, int> Count(NamedSource source, ComposedData data, Func<string, bool> isCounted)
    {
        var counts = Enum.GetValues<DatasetSplit>().ToDictionary(s => s, _ => 0);
        foreach (var item in source.Source.Items.Where(i => isCounted(i.Subject)))
        {
            counts[SubjectSplit.Of(item.Subject, data.Dataset.Options.Split)]++;
        }

        return counts;
    }

    /// <summary>Indices of at most <paramref name="limit"/> of <paramref name="count"/> items, evenly spread; null: all.</summary>
    internal static IReadOnlyList<int> Spread(int count, int? limit) => limit is { } n && n < count
        ? [.. Enumerable.Range(0, n).Select(i => (int)((long)i * count / n))]
        : [.. Enumerable.Range(0, count)];
}
