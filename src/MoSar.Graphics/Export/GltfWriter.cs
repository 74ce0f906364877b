using System.Numerics;
using System.Text.Json.Nodes;

namespace MoSar.Graphics;

/// <summary>An encoded picture to embed.</summary>
/// <param name="Bytes">A whole PNG or JPEG file; which one is told from its first bytes.</param>
public readonly record struct EmbeddedImage(ReadOnlyMemory<byte> Bytes)
{
    internal string MimeType => Bytes.Span.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8])
        ? "image/jpeg"
        : Bytes.Span.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50]) ? "image/png" : throw new ArgumentException("glTF embeds PNG or JPEG only.");
}

/// <summary>What <see cref="GltfWriter"/> writes.</summary>
public sealed record GltfModel
{
    /// <summary>Of the node, the mesh and the material.</summary>
    public required string Name { get; init; }

    /// <summary>Millimetres; written as metres.</summary>
    public required Mesh Mesh { get; init; }

    /// <summary>V unit normals; null: angle-weighted.</summary>
    public Vector3[]? Normals { get; init; }

    /// <summary>sRGB.</summary>
    public EmbeddedImage? BaseColour { get; init; }

    /// <summary>Tangent space, +Y up, n·½+½.</summary>
    public EmbeddedImage? NormalMap { get; init; }

    /// <summary>Red channel.</summary>
    public EmbeddedImage? Occlusion { get; init; }

    /// <summary>In [0, 1].</summary>
    public float Roughness { get; init; } = 0.5f;

    /// <summary>Morph targets; usually the template's expressions. Names go to extras.targetNames.</summary>
    public IReadOnlyList<Blendshape> Targets { get; init; } = [];

    /// <summary>How far each target is applied when the file opens, parallel to <see cref="Targets"/>; null: not at all.</summary>
    public IReadOnlyList<float>? DefaultWeights { get; init; }

    /// <summary>Also stores how each target changes the normals: smoother shading, about twice the size.</summary>
    public bool TargetNormals { get; init; }
}

/// <summary>Writes binary glTF 2.0 (.glb): one mesh with PBR material and morph targets, split at texture seams, valid by Khronos' validator.</summary>
public static class GltfWriter
{
    private const float MetresPerMillimetre = 0.001f;

    /// <exception cref="MoSarException"><c>disk-full</c>, <c>file-not-writable</c>.</exception>
    public static void Write(string path, GltfModel model)
    {
        var content = Encode(model);
        AtomicFile.Write(path, content);
    }

    /// <summary>The whole file in memory.</summary>
    public static byte[] Encode(GltfModel model)
    {
        var buffer = new GltfBuffer();
        var corners = SplitVertices.Of(model.Mesh.Template);
        var normals = model.Normals ?? MeshNormals.Of(model.Mesh);
        var primitive = new JsonObject
        {
            ["attributes"] = Attributes(buffer, model.Mesh, normals, corners),
            ["indices"] = buffer.AddIndices(corners.Indices, corners.Vertex.Length),
            ["material"] = 0,
        };
        var mesh = new JsonObject { ["name"] = model.Name, ["primitives"] = new JsonArray(primitive) };
        if (model.Targets.Count > 0)
        {
            primitive["targets"] = Targets(buffer, model, normals, corners);
            mesh["weights"] = new JsonArray([.. model.Targets.Select((_, i) => JsonValue.Create(model.DefaultWeights?[i] ?? 0f))]);
            mesh["extras"] = new JsonObject { ["targetNames"] = new JsonArray([.. model.Targets.Select(t => JsonValue.Create(t.Name))]) };
        }

        var root = new JsonObject
        {
            ["asset"] = new JsonObject { ["version"] = "2.0", ["generator"] = "MoSar" },
            ["scene"] = 0,
            ["scenes"] = new JsonArray(new JsonObject { ["nodes"] = new JsonArray(0) }),
            ["nodes"] = new JsonArray(new JsonObject { ["name"] = model.Name, ["mesh"] = 0 }),
            ["meshes"] = new JsonArray(mesh),
        };
        AddMaterial(root, buffer, model);
        return buffer.Finish(root);
    }

    private static JsonObject Attributes(GltfBuffer buffer, Mesh mesh, Vector3[] normals, SplitVertices corners)
    {
        var tangents = MeshTangents.Of(mesh, normals);
        var n = corners.Vertex.Length;
        var (position, normal, tangent, uv) = (new Vector3[n], new Vector3[n], new Vector4[n], new Vector2[n]);
        for (var i = 0; i < n; i++)
        {
            position[i] = mesh.Positions[corners.Vertex[i]] * MetresPerMillimetre;
            normal[i] = normals[corners.Vertex[i]];
            tangent[i] = tangents[corners.Uv[i]];
            uv[i] = mesh.Template.Uvs[corners.Uv[i]];
        }

        return new JsonObject
        {
            ["POSITION"] = buffer.AddVectors<Vector3>(position, withBounds: true),
            ["NORMAL"] = buffer.AddVectors<Vector3>(normal, withBounds: false),
            ["TANGENT"] = buffer.AddVectors<Vector4>(tangent, withBounds: false),
            ["TEXCOORD_0"] = buffer.AddVectors<Vector2>(uv, withBounds: false),
        };
    }

    private static JsonArray Targets(GltfBuffer buffer, GltfModel model, Vector3[] normals, SplitVertices corners)
    {
        var result = new JsonArray();
        var (offsets, turns) = (new Vector3[corners.Vertex.Length], new Vector3[corners.Vertex.Length]);
        var moved = new Vector3[model.Mesh.Positions.Length];
        foreach (var target in model.Targets)
        {
            for (var i = 0; i < offsets.Length; i++)
            {
                offsets[i] = target.Offsets[corners.Vertex[i]] * MetresPerMillimetre;
            }

            var entry = new JsonObject { ["POSITION"] = buffer.AddOffsets(offsets, 1e-7f) };
            if (model.TargetNormals)
            {
                for (var v = 0; v < moved.Length; v++)
                {
                    moved[v] = model.Mesh.Positions[v] + target.Offsets[v];
                }

                var turned = MeshNormals.AngleWeighted(moved, model.Mesh.Template.Triangles);
                for (var i = 0; i < turns.Length; i++)
                {
                    turns[i] = turned[corners.Vertex[i]] - normals[corners.Vertex[i]];
                }

                entry["NORMAL"] = buffer.AddOffsets(turns, 1e-4f);
            }

            result.Add(entry);
        }

        return result;
    }

    private static void AddMaterial(JsonObject root, GltfBuffer buffer, GltfModel model)
    {
        var (images, textures) = (new JsonArray(), new JsonArray());
        var surface = new JsonObject { ["metallicFactor"] = 0, ["roughnessFactor"] = model.Roughness };
        var material = new JsonObject { ["name"] = model.Name, ["pbrMetallicRoughness"] = surface };
        Attach(surface, "baseColorTexture", model.BaseColour, "diffuse");
        Attach(material, "normalTexture", model.NormalMap, "normal");
        Attach(material, "occlusionTexture", model.Occlusion, "ambient_occlusion");
        root["materials"] = new JsonArray(material);
        if (images.Count > 0)
        {
            root["images"] = images;
            root["textures"] = textures;
            root["samplers"] = new JsonArray(new JsonObject { ["magFilter"] = 9729, ["minFilter"] = 9987, ["wrapS"] = 33071, ["wrapT"] = 33071 });
        }

        void Attach(JsonObject owner, string slot, EmbeddedImage? image, string name)
        {
            if (image is { } picture)
            {
                images.Add(new JsonObject { ["name"] = name, ["mimeType"] = picture.MimeType, ["bufferView"] = buffer.AddBytes(picture.Bytes.Span) });
                textures.Add(new JsonObject { ["source"] = images.Count - 1, ["sampler"] = 0 });
                owner[slot] = new JsonObject { ["index"] = textures.Count - 1 };
            }
        }
    }
}

/// <summary>The distinct pairs of vertex and texture coordinate: what glTF calls a vertex.</summary>
/// <param name="Vertex">Of each pair.</param>
/// <param name="Uv">Of each pair.</param>
/// <param name="Indices">3 pairs a triangle.</param>
internal sealed record SplitVertices(int[] Vertex, int[] Uv, uint[] Indices)
{
    internal static SplitVertices Of(FaceTemplate template)
    {
        var known = new Dictionary<(int, int), uint>();
        var (vertex, uv, indices) = (new List<int>(), new List<int>(), new uint[template.Triangles.Length]);
        for (var c = 0; c < indices.Length; c++)
        {
            var pair = (template.Triangles[c], template.TriangleUvs[c]);
            if (!known.TryGetValue(pair, out indices[c]))
            {
                indices[c] = (uint)vertex.Count;
                known.Add(pair, indices[c]);
                vertex.Add(pair.Item1);
                uv.Add(pair.Item2);
            }
        }

        return new SplitVertices([.. vertex], [.. uv], indices);
    }
}
