using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace MoSar.Faces.Retargeting;

/// <summary>One of two surfaces that lie on each other, with its atlas.</summary>
/// <param name="Mesh">Positions in the space that both share, millimetres.</param>
/// <param name="Parts">For each triangle: skin, an eyeball, or nothing that the other has.</param>
public sealed record AtlasSide(Mesh Mesh, byte[] Parts)
{
    public const byte Skin = 0;
    public const byte EyeA = 1;
    public const byte EyeB = 2;
    public const byte None = 255;
}

/// <summary>
/// The template drawn onto a mesh of another topology: which point of one atlas is which of the other, both ways and at any resolution. Made once by
/// <see cref="TemplateRegistration"/> and kept in a file of about a megabyte.
/// </summary>
/// <param name="Template">The template on the mesh; its template has the region <c>face</c>.</param>
/// <param name="Other">The mesh, aligned.</param>
public sealed record AtlasCorrespondence(AtlasSide Template, AtlasSide Other, RegistrationQuality Quality)
{
    /// <summary>The schema that this build reads and writes.</summary>
    public const string Schema = "mosar/atlas-correspondence/1";

    private const string Remedy = "Make it again: mosar retarget --mesh FILE --landmarks FILE --correspondence FILE.";

    /// <summary>What the file says of itself, such as <c>mesh_sha256</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>For each texel of the template's atlas, the point of the mesh's.</summary>
    public TexelLookup ToTemplate(int size, CancellationToken cancellation = default) => TexelLookup.Make(Template, Other, size, cancellation);

    /// <summary>For each texel of the mesh's atlas, the point of the template's.</summary>
    public TexelLookup ToMesh(int size, CancellationToken cancellation = default) => TexelLookup.Make(Other, Template, size, cancellation);

    /// <exception cref="MoSarException"><c>write-failed</c>.</exception>
    public void Save(string path)
    {
        var writer = new SafetensorsWriter();
        Add(writer, "template", Template);
        Add(writer, "mesh", Other);
        writer.Add("template_face", Array.ConvertAll(Template.Mesh.Template.Regions["face"], w => (byte)MathF.Round(255 * w)), Template.Mesh.Positions.Length);
        writer.Add("quality", [Quality.Scale, Quality.LandmarkDistance, Quality.FaceMean, Quality.Face95, Quality.FaceFound], 5);
        foreach (var (key, value) in Metadata)
        {
            writer.Metadata[key] = value;
        }

        writer.Metadata["schema"] = Schema;
        writer.Metadata["template_id"] = Template.Mesh.Template.Id;
        writer.Metadata["mesh_name"] = Other.Mesh.Template.Id;
        writer.Save(path);
    }

    /// <exception cref="MoSarException">Those of <see cref="SafetensorsFile.Read"/>, <c>weights-mismatch</c> or <c>weights-invalid</c>.</exception>
    public static AtlasCorrespondence Load(string path)
    {
        var file = SafetensorsFile.Read(path, Remedy);
        if (file.Text("schema") is var schema && schema != Schema)
        {
            throw file.Mismatch($"{path}: its schema is '{schema}', this build reads '{Schema}'");
        }

        var template = Side(file, "template", file.Text("template_id"));
        var face = file.Bytes("template_face", template.Mesh.Positions.Length);
        var weights = new float[face.Length];
        for (var v = 0; v < weights.Length; v++)
        {
            weights[v] = face[v] / 255f;
        }

        var q = file.Floats("quality", 5);
        template = template with { Mesh = template.Mesh with { Template = template.Mesh.Template with { Regions = new Dictionary<string, float[]> { ["face"] = weights } } } };
        return new AtlasCorrespondence(template, Side(file, "mesh", file.Text("mesh_name")), new RegistrationQuality(q[0], q[1], q[2], q[3], q[4])) { Metadata = file.Metadata };
    }

    /// <summary>One line for people.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Template.Mesh.Template.Id} on {Other.Mesh.Template.Id}: {Quality.FaceFound:P1} of the face found, {Quality.FaceMean:F2} mm away on average (95 % within {Quality.Face95:F2}), landmarks {Quality.LandmarkDistance:F1} mm, 1 unit = {Quality.Scale:G4} mm");

    private static void Add(SafetensorsWriter writer, string name, AtlasSide side)
    {
        var template = side.Mesh.Template;
        writer.Add($"{name}_positions", MemoryMarshal.Cast<Vector3, float>(side.Mesh.Positions.AsSpan()), side.Mesh.Positions.Length, 3);
        writer.Add($"{name}_uvs", MemoryMarshal.Cast<Vector2, float>(template.Uvs.AsSpan()), template.Uvs.Length, 2);
        writer.Add($"{name}_triangles", template.Triangles, template.Triangles.Length / 3, 3);
        writer.Add($"{name}_triangle_uvs", template.TriangleUvs, template.Triangles.Length / 3, 3);
        writer.Add($"{name}_parts", side.Parts, side.Parts.Length);
    }

    private static AtlasSide Side(SafetensorsFile file, string name, string id)
    {
        var positions = file.Vectors($"{name}_positions", -1, 3);
        var uvs = MemoryMarshal.Cast<float, Vector2>(file.Floats($"{name}_uvs", -1, 2)).ToArray();
        var triangles = file.Ints($"{name}_triangles", -1, 3);
        var triangleUvs = file.Ints($"{name}_triangle_uvs", triangles.Length / 3, 3);
        if (triangles.Any(i => (uint)i >= (uint)positions.Length) || triangleUvs.Any(i => (uint)i >= (uint)uvs.Length))
        {
            throw file.Invalid($"{file.Path}: a triangle of '{name}' names a corner that is not there");
        }

        var template = new FaceTemplate
        {
            Id = id,
            VertexCount = positions.Length,
            Faces = Padded(triangles),
            FaceUvs = Padded(triangleUvs),
            Uvs = uvs,
            Triangles = triangles,
            TriangleUvs = triangleUvs,
            Mirror = [],
            Regions = new Dictionary<string, float[]>(),
            Landmarks = [],
            JawCandidates = [],
            Expressions = [],
        };
        return new AtlasSide(new Mesh(template, positions), file.Bytes($"{name}_parts", triangles.Length / 3).ToArray());
    }

    private static int[] Padded(int[] triangles) => [.. triangles.Chunk(3).SelectMany(t => (int[])[.. t, -1])];
}
