using System.Globalization;
using System.Numerics;
using System.Text.Json;
using MoSar.Faces;
using MoSar.Graphics;

namespace MoSar.Plugins.Folders;

/// <summary>The JSON and OBJ files of a light stage.</summary>
internal static class LightStageFiles
{
    private const string Schema = "mosar/lightstage/1";

    /// <param name="SkinTone">Class of the measured individual typology angle.</param>
    public sealed record SubjectFile(string? Template, float[]? Identity, string? SkinTone);

    /// <summary>Lower bounds of the angle, degrees (Chardon et al. 1991).</summary>
    private static readonly (double Above, string Name)[] Tones = [(55, "very light"), (41, "light"), (28, "intermediate"), (10, "tan"), (-30, "brown"), (double.NegativeInfinity, "dark")];

    /// <summary>One view's description.</summary>
    /// <param name="Width">Of the picture, pixels.</param>
    public sealed record ViewFile(
        int Width, int Height, PinholeCamera? Camera, SampleLandmarks? Landmarks, SampleLight? Light, IReadOnlyDictionary<string, float>? Expression)
    {
        /// <summary>Labels that are not of the picture's size belong to another picture.</summary>
        public Image Sized(string path, Image image) => image.Width == Width && image.Height == Height
            ? image
            : throw new MoSarException("data-size", $"'{path}' is {image.Width}×{image.Height}; its view says {Width}×{Height}.", "Make the subject again.");
    }

    /// <param name="model">The face model's file; null when no mesh is wanted.</param>
    /// <exception cref="MoSarException">Another schema, or another face model than the data were made with.</exception>
    public static void CheckHeader(string path, string? model, FaceTemplate? template) => Read(path, root =>
    {
        if (Text(root, "schema") is not Schema)
        {
            throw new MoSarException("data-schema", $"'{path}' says schema '{Text(root, "schema")}'; this program reads {Schema}.", "Update the program, or make the data again.");
        }

        // A model that was built anew has the same template's name, but other vertices and another atlas. Real data need not say.
        var isOther = template is not null && Text(root, "template") is { } stored && stored != template.Id;
        if (isOther || (model is not null && Text(root, "faceGeometrySha256") is { } hash && hash != FaceGeometry.Sha256(model)))
        {
            throw new MoSarException(
                "data-template", $"The data of '{path}' were made with another face model than '{model}'.", "Name the one that they were made with as 'model', or make the data again.");
        }

        return true;
    });

    public static SubjectFile ReadSubject(string path) => Read(path, root => new SubjectFile(
        Text(root, "template"),
        root.TryGetProperty("identity", out var identity) ? Floats(identity) : null,
        root.TryGetProperty("measuredIta", out var ita) && ita.ValueKind == JsonValueKind.Number ? Tones.First(t => ita.GetDouble() > t.Above).Name : null));

    public static ViewFile ReadView(string path) => Read(path, root =>
    {
        var image = root.GetProperty("image");
        return new ViewFile(
            image.GetProperty("width").GetInt32(),
            image.GetProperty("height").GetInt32(),
            root.TryGetProperty("camera", out var camera) ? Camera(camera) : null,
            root.TryGetProperty("landmarks68", out var points) ? ReadLandmarks(root, points) : null,
            Light(root),
            root.TryGetProperty("expression", out var expression) ? expression.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetSingle()) : null);
    });

    /// <summary>Positions of an OBJ in the template's topology; its faces are the template's and are not read.</summary>
    public static Mesh ReadMesh(string path, FaceTemplate template)
    {
        var positions = new List<Vector3>(template.VertexCount);
        foreach (var line in Lines(path))
        {
            if (line.StartsWith("v ", StringComparison.Ordinal))
            {
                positions.Add(Vertex(path, line));
            }
        }

        return positions.Count == template.VertexCount ? new Mesh(template, [.. positions]) : throw new MoSarException(
            "data-mesh", $"'{path}' has {positions.Count} vertices; the template {template.Id} has {template.VertexCount}.", "Name the face model that the data were made with as 'model'.");
    }

    /// <summary>V̂ = V + Σ δ_i E_i (3.1).</summary>
    public static Mesh Express(Mesh neutral, IReadOnlyDictionary<string, float>? expression, string owner)
    {
        if (expression is null || expression.Values.All(w => w == 0))
        {
            return neutral;
        }

        var positions = (Vector3[])neutral.Positions.Clone();
        foreach (var (name, weight) in expression)
        {
            var shape = neutral.Template.Expressions.FirstOrDefault(e => e.Name == name)
                ?? throw new MoSarException("data-expression", $"'{owner}' has the expression '{name}', which the template {neutral.Template.Id} does not.", "Make the data again.");
            for (var v = 0; v < positions.Length && weight != 0; v++)
            {
                positions[v] += weight * shape.Offsets[v];
            }
        }

        return neutral with { Positions = positions };
    }

    /// <summary>½ + ½n to n; (0, 0, 0) where there is no head.</summary>
    public static Image? Normals(Image? codes)
    {
        if (codes is null)
        {
            return null;
        }

        for (var i = 0; i < codes.Pixels.Length; i += 3)
        {
            var n = (2 * new Vector3(codes.Pixels.AsSpan(i))) - Vector3.One;

            // The code of 0 is ½: short vectors are no surface.
            (n.LengthSquared() > 0.25f ? Vector3.Normalize(n) : Vector3.Zero).CopyTo(codes.Pixels, i);
        }

        return codes;
    }

    private static PinholeCamera Camera(JsonElement camera)
    {
        var rotation = camera.GetProperty("rotation").EnumerateArray().SelectMany(r => r.EnumerateArray()).Select(v => v.GetDouble()).ToArray();
        var translation = Floats(camera.GetProperty("translation"));
        return rotation.Length == 9 && translation.Length == 3
            ? new PinholeCamera(
                camera.GetProperty("fx").GetDouble(),
                camera.GetProperty("fy").GetDouble(),
                camera.GetProperty("cx").GetDouble(),
                camera.GetProperty("cy").GetDouble(),
                rotation,
                new Vector3(translation))
            : throw new FormatException("the camera's rotation is not 3×3 or its translation not 3 numbers");
    }

    private static SampleLandmarks ReadLandmarks(JsonElement root, JsonElement array)
    {
        var points = array.EnumerateArray().Select(p => new Vector2(p[0].GetSingle(), p[1].GetSingle())).ToArray();
        var visible = root.TryGetProperty("landmarkVisible", out var flags) ? flags.EnumerateArray().Select(f => f.GetBoolean()).ToArray() : [.. points.Select(_ => true)];
        return points.Length == Landmarks.Count && visible.Length == Landmarks.Count
            ? new SampleLandmarks(points, visible)
            : throw new FormatException($"{points.Length} landmarks and {visible.Length} visibilities instead of {Landmarks.Count}");
    }

    private static SampleLight? Light(JsonElement root)
    {
        ShLight? harmonics = null;
        if (root.TryGetProperty("light", out var light) && light.ValueKind == JsonValueKind.Object)
        {
            harmonics = new ShLight([.. light.GetProperty("coefficients").EnumerateArray().Select(c => new Vector3(Floats(c)))]);
        }

        EnvironmentReference? environment = null;
        if (root.TryGetProperty("environment", out var e) && e.ValueKind == JsonValueKind.Object)
        {
            environment = new EnvironmentReference(
                Text(e, "file") ?? Text(e, "name") ?? throw new FormatException("the environment has neither file nor name"),
                e.TryGetProperty("yaw", out var yaw) ? yaw.GetSingle() : 0,
                e.TryGetProperty("exposure", out var exposure) ? exposure.GetSingle() : 1);
        }

        return harmonics is null && environment is null ? null : new SampleLight(harmonics, environment);
    }

    private static string? Text(JsonElement element, string key) =>
        element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetSingle())];

    private static Vector3 Vertex(string path, string line)
    {
        Span<float> xyz = stackalloc float[3];
        var rest = line.AsSpan(2).Trim();
        for (var i = 0; i < 3; i++)
        {
            var space = rest.IndexOf(' ');
            if (!float.TryParse(space < 0 ? rest : rest[..space], NumberStyles.Float, CultureInfo.InvariantCulture, out xyz[i]))
            {
                throw new MoSarException("data-mesh", $"'{path}' has a vertex that cannot be read: '{line}'.", "Make the subject again.");
            }

            rest = space < 0 ? [] : rest[space..].TrimStart();
        }

        return new Vector3(xyz);
    }

    private static string[] Lines(string path) => Guard(path, () => File.ReadAllLines(path));

    private static T Read<T>(string path, Func<JsonElement, T> read) => Guard(path, () =>
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return read(document.RootElement);
    });

    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MoSarException("file-missing", $"There is no file '{path}'.", "Copy or make the subject again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MoSarException("file-unreadable", $"Cannot read '{path}': {e.Message}", "Check the file's permissions.", e);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException or ArgumentException)
        {
            throw new MoSarException("data-broken", $"'{path}' is not what a light stage has there: {e.Message}", "Copy or make the subject again.", e);
        }
    }
}
