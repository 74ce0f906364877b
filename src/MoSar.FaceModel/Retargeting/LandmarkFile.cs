using System.Globalization;
using System.Numerics;
using System.Text.Json;
using MoSar.Faces.Source;

namespace MoSar.Faces.Retargeting;

/// <summary>
/// Where the landmarks of a mesh are, in Multi-PIE order: 68, or 51 without the jaw. A file holds vertex indices (from 0) or points (x y z in the
/// mesh's units), as plain text (white space, commas, new lines; # begins a comment) or as JSON (an array, or an object with
/// <c>landmarks68</c> or <c>landmarks</c>).
/// </summary>
public static class LandmarkFile
{
    /// <summary>Stands for ICT-FaceKit's published vertex indices.</summary>
    public const string IctFaceKit = "ict-facekit";

    private const string Remedy = "Give 68 vertex indices counted from 0, or 68 points x y z, in the order of Multi-PIE (51 without the jaw).";

    /// <param name="path">A file, or <see cref="IctFaceKit"/>.</param>
    /// <returns>68 or 51 points in the mesh's units.</returns>
    /// <exception cref="MoSarException"><c>landmarks-missing</c>, <c>landmarks-broken</c>, <c>landmarks-count</c>, <c>landmarks-range</c>.</exception>
    public static Vector3[] Read(string path, ForeignMesh mesh)
    {
        if (path == IctFaceKit)
        {
            return Points([.. Source.IctFaceKit.PublishedLandmarks.Select(i => (double)i)], path, mesh);
        }

        if (!File.Exists(path))
        {
            throw new MoSarException("landmarks-missing", $"There is no file '{path}'.", $"{Remedy} For ICT-FaceKit's own topology the word {IctFaceKit} will do.");
        }

        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MoSarException("landmarks-missing", $"Cannot read '{path}': {e.Message}", "Check the file's permissions.", e);
        }

        return Points(text.AsSpan().TrimStart() is ['[' or '{', ..] ? Json(text, path) : Text(text, path), path, mesh);
    }

    private static Vector3[] Points(double[] numbers, string path, ForeignMesh mesh)
    {
        if (numbers.Length is 68 or 51)
        {
            return Array.ConvertAll(numbers, n => n == Math.Floor(n) && n >= 0 && n < mesh.FromFile.Length
                ? mesh.Mesh.Positions[mesh.FromFile[(int)n]]
                : throw new MoSarException(
                    "landmarks-range", $"{path}: {n.ToString(CultureInfo.InvariantCulture)} is no vertex of {mesh.Mesh.Template.Id}, which has {mesh.FromFile.Length} (0 to {mesh.FromFile.Length - 1}).",
                    "Give the landmarks of this mesh, counted from 0."));
        }

        return numbers.Length is 3 * 68 or 3 * 51
            ? [.. numbers.Chunk(3).Select(p => new Vector3((float)p[0], (float)p[1], (float)p[2]))]
            : throw new MoSarException("landmarks-count", $"{path} holds {numbers.Length} numbers, which are neither 68 (or 51) vertex indices nor as many points x y z.", Remedy);
    }

    private static double[] Text(string text, string path)
    {
        var numbers = new List<double>();
        var line = 0;
        foreach (var row in text.Split('\n'))
        {
            line++;
            foreach (var word in row.Split('#')[0].Split([' ', '\t', '\r', ',', ';'], StringSplitOptions.RemoveEmptyEntries))
            {
                numbers.Add(double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && double.IsFinite(n)
                    ? n
                    : throw new MoSarException("landmarks-broken", $"{path}:{line}: '{word}' is no number.", Remedy));
            }
        }

        return [.. numbers];
    }

    private static double[] Json(string text, string path)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            if (root.ValueKind == JsonValueKind.Object && !root.TryGetProperty("landmarks68", out root) && !json.RootElement.TryGetProperty("landmarks", out root))
            {
                throw new MoSarException("landmarks-broken", $"{path}: there is neither 'landmarks68' nor 'landmarks' in it.", Remedy);
            }

            return [.. root.EnumerateArray().SelectMany(e => e.ValueKind == JsonValueKind.Array ? e.EnumerateArray().Select(x => x.GetDouble()) : [e.GetDouble()])];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new MoSarException("landmarks-broken", $"{path}: not an array of numbers ({e.Message}).", Remedy, e);
        }
    }
}
