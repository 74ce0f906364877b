using System.Numerics;
using System.Text.Json;
using MoSar.Graphics;

namespace MoSar.Training.Data;

/// <summary>A light stage's render in the wild with its landmarks.</summary>
/// <param name="Tile">The picture.</param>
/// <param name="Points">68 in pixels.</param>
/// <param name="Seen">68.</param>
internal sealed record StagePicture(Tile Tile, Vector2[] Points, bool[] Seen);

/// <summary>Reads the renders of docs/lightstage.md.</summary>
internal static class StagePictures
{
    /// <exception cref="MoSarException">No light stage, no renders, or one that is damaged.</exception>
    public static IReadOnlyList<StagePicture> Load(string folder)
    {
        var subjects = Path.Combine(folder, "subjects");
        var files = Directory.Exists(subjects)
            ? Directory.EnumerateDirectories(subjects, "s*").Order(StringComparer.Ordinal).Select(s => Path.Combine(s, "views")).Where(Directory.Exists)
                .SelectMany(v => Directory.EnumerateFiles(v, "wild_*.json").Order(StringComparer.Ordinal)).ToArray()
            : [];
        if (files.Length == 0)
        {
            throw new MoSarException("stage-missing", $"'{folder}' is no light stage with renders in the wild.", "Make one: `mosar data lightstage --subjects N --out DIR`.");
        }

        var pictures = new StagePicture[files.Length];
        try
        {
            Parallel.For(0, files.Length, i => pictures[i] = Read(files[i]));
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<MoSarException>().FirstOrDefault() is { } first)
        {
            throw first;
        }

        return pictures;
    }

    private static StagePicture Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(json));
            var points = document.RootElement.GetProperty("landmarks68").EnumerateArray().Select(p => new Vector2(p[0].GetSingle(), p[1].GetSingle())).ToArray();
            var seen = document.RootElement.GetProperty("landmarkVisible").EnumerateArray().Select(v => v.GetBoolean()).ToArray();
            return points.Length == Landmarks.Count && seen.Length == Landmarks.Count
                ? new StagePicture(Tile.From(ImageFile.Read(Path.ChangeExtension(json, ".png"))), points, seen)
                : throw new FormatException($"{points.Length} landmarks");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new MoSarException("data-broken", $"'{json}' is not a light stage's view: {e.Message}", "Make the subject again: delete its folder and run `mosar data lightstage`.", e);
        }
    }
}
