using System.Numerics;
using System.Text.Json;

namespace MoSar.Learning;

/// <summary>What measurements need of an avatar folder's <c>reconstruction.json</c>.</summary>
/// <param name="Name">The photograph's file name without extension.</param>
/// <param name="Camera">Mapping head space (mm) to input pixels.</param>
/// <param name="Identity">α.</param>
/// <param name="Detected">68 points, input pixels.</param>
/// <param name="Projected">68 points of the fitted mesh, input pixels.</param>
public sealed record SavedReconstruction(
    string Name, int Width, int Height, PinholeCamera Camera, float[] Identity, Vector2[] Detected, Vector2[] Projected)
{
    public const string FileName = "reconstruction.json";

    /// <summary>δ, by the expressions' names.</summary>
    public IReadOnlyDictionary<string, float> Expression { get; init; } = new Dictionary<string, float>();

    /// <summary>All avatars of a run folder, ordered by name.</summary>
    /// <exception cref="MoSarException">No such folder, no avatars in it, or a file that is not a reconstruction.</exception>
    public static IReadOnlyList<SavedReconstruction> LoadRun(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new MoSarException("run-missing", $"No run folder '{folder}'.", "Pass the folder that `mosar run --out` wrote.");
        }

        var all = Directory.EnumerateDirectories(folder)
            .Select(d => Path.Combine(d, FileName))
            .Where(File.Exists)
            .Order(StringComparer.Ordinal)
            .Select(Load)
            .ToList();
        return all.Count > 0
            ? all
            : throw new MoSarException("run-missing", $"No avatar with a {FileName} in '{folder}'.", "Pass the folder that `mosar run --out` wrote.");
    }

    /// <exception cref="MoSarException">Not a reconstruction file.</exception>
    public static SavedReconstruction Load(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            var (image, camera) = (root.GetProperty("image"), root.GetProperty("camera"));
            var rotation = camera.GetProperty("rotation").EnumerateArray().SelectMany(Numbers).ToArray();
            var translation = Numbers(camera.GetProperty("translation")).ToArray();
            return new SavedReconstruction(
                Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))!),
                image.GetProperty("width").GetInt32(),
                image.GetProperty("height").GetInt32(),
                new PinholeCamera(
                    camera.GetProperty("fx").GetDouble(),
                    camera.GetProperty("fy").GetDouble(),
                    camera.GetProperty("cx").GetDouble(),
                    camera.GetProperty("cy").GetDouble(),
                    rotation is { Length: 9 } ? rotation : throw new FormatException("the rotation is not 3×3"),
                    new Vector3((float)translation[0], (float)translation[1], (float)translation[2])),
                [.. Numbers(root.GetProperty("identity")).Select(v => (float)v)],
                Points(root.GetProperty("landmarks68")),
                Points(root.GetProperty("projectedLandmarks68")))
            {
                Expression = root.TryGetProperty("expression", out var expression) ? expression.EnumerateObject().ToDictionary(e => e.Name, e => e.Value.GetSingle()) : new Dictionary<string, float>(),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new MoSarException("run-broken", $"'{path}' is not a reconstruction: {e.Message}", "Run the photograph again.", e);
        }
    }

    private static IEnumerable<double> Numbers(JsonElement array) => array.EnumerateArray().Select(v => v.GetDouble());

    private static Vector2[] Points(JsonElement array)
    {
        var points = array.EnumerateArray().Select(p => new Vector2((float)p[0].GetDouble(), (float)p[1].GetDouble())).ToArray();
        return points.Length == Landmarks.Count ? points : throw new FormatException($"{points.Length} landmarks instead of {Landmarks.Count}");
    }
}
