using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.LightStage.Skins;

namespace MoSar.LightStage.Subjects;

/// <summary>One subject on disk (docs/lightstage.md). A folder appears whole or not at all.</summary>
internal static class SubjectFolder
{
    public const string Schema = "mosar/lightstage-subject/1", FileName = "subject.json";

    internal static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        IncludeFields = true,
    };

    /// <summary>Makes everything of a subject. What an earlier run left half done is thrown away first.</summary>
    /// <param name="folder">Of the finished subject; its parent exists.</param>
    /// <param name="plans">The pictures to take of the neutral mesh and its expressions.</param>
    /// <exception cref="MoSarException">The disk is full or not writable; nothing is left behind under the final name.</exception>
    public static void Write(string folder, Subject subject, FaceModel model, SkinSpace space, SkinBank? bank, ViewWriter views, Func<Mesh, IEnumerable<ViewPlan>> plans, CancellationToken cancellation)
    {
        var part = Path.Combine(Path.GetDirectoryName(folder)!, $".{Path.GetFileName(folder)}.part");
        if (Directory.Exists(part))
        {
            Directory.Delete(part, recursive: true);
        }

        Directory.CreateDirectory(Path.Combine(part, "maps"));
        var mesh = subject.Shape.WithExpression([]);
        ObjWriter.Write(Path.Combine(part, "mesh.obj"), mesh);
        var maps = SkinMaker.Make(space, subject.Skin, mesh, bank, cancellation);
        foreach (var map in maps.All.Values)
        {
            cancellation.ThrowIfCancellationRequested();
            ImageFile.Write(Path.Combine(part, "maps", map.Descriptor.Name + ImageFile.Extension(map.Descriptor.Encoding)), map);
        }

        views.Write(part, subject, maps, Brows.Landmarks(space, subject.Skin), plans(mesh), cancellation);
        var description = Describe(subject, model.Template.Id, SkinMaker.MeasuredIta(space, maps[WellKnownMaps.Diffuse.Name].Pixels), part);
        AtomicFile.Write(Path.Combine(part, FileName), stream => JsonSerializer.Serialize(stream, description, Json));
        Directory.Move(part, folder);
    }

    private static JsonObject Describe(Subject subject, string template, float ita, string part)
    {
        var files = new JsonObject();
        foreach (var file in Directory.EnumerateFiles(part, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var stream = File.OpenRead(file);
            files[Path.GetRelativePath(part, file)] = Convert.ToHexStringLower(SHA256.HashData(stream));
        }

        return new JsonObject
        {
            ["schema"] = Schema,
            ["id"] = subject.Id,
            ["template"] = template,
            ["identity"] = new JsonArray([.. subject.Shape.Identity.Select(v => JsonValue.Create(v))]),
            ["shape"] = new JsonObject(subject.Shape.Parameters.All.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, p.Value))),
            ["crossings"] = subject.Shape.Crossings,
            ["skin"] = JsonSerializer.SerializeToNode(subject.Skin, Json),
            ["measuredIta"] = ita,
            ["files"] = files,
        };
    }
}
