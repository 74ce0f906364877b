using System.Globalization;
using System.Numerics;
using System.Text;

namespace MoSar.Graphics;

/// <summary>Writes Wavefront OBJ: millimetres, the template's quads, v/vt/vn, with a material file beside it when there are textures.</summary>
public static class ObjWriter
{
    /// <param name="path">The .obj; the .mtl gets the same name.</param>
    /// <param name="normals">V unit normals; null: angle-weighted.</param>
    /// <param name="textures">MTL statement → file, relative to the .obj: <c>map_Kd</c>, <c>norm</c>, <c>map_Ks</c>, <c>map_Ka</c> …; null or empty: no material.</param>
    /// <exception cref="MoSarException"><c>disk-full</c>, <c>file-not-writable</c>.</exception>
    public static void Write(string path, Mesh mesh, Vector3[]? normals = null, IReadOnlyDictionary<string, string>? textures = null)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        var hasMaterial = textures is { Count: > 0 };
        if (hasMaterial)
        {
            AtomicFile.Write(Path.ChangeExtension(path, ".mtl"), stream => WriteText(stream, w => WriteMaterial(w, name, textures!)));
        }

        AtomicFile.Write(path, stream => WriteText(stream, w => WriteMesh(w, name, mesh, normals ?? MeshNormals.Of(mesh), hasMaterial)));
    }

    private static void WriteText(Stream stream, Action<TextWriter> write)
    {
        // "\n" and the invariant culture, so that the same mesh is the same file everywhere.
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        write(writer);
    }

    private static void WriteMaterial(TextWriter w, string name, IReadOnlyDictionary<string, string> textures)
    {
        w.WriteLine($"newmtl {name}");
        w.WriteLine("Kd 1 1 1");
        w.WriteLine("Ks 0.04 0.04 0.04");
        w.WriteLine("illum 2");
        foreach (var (statement, file) in textures.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            w.WriteLine($"{statement} {file}");
        }
    }

    private static void WriteMesh(TextWriter w, string name, Mesh mesh, Vector3[] normals, bool hasMaterial)
    {
        var template = mesh.Template;
        w.WriteLine($"# {template.Id}, millimetres, +Y up, facing +Z");
        if (hasMaterial)
        {
            w.WriteLine($"mtllib {name}.mtl");
        }

        w.WriteLine($"o {name}");
        foreach (var p in mesh.Positions)
        {
            w.WriteLine(string.Create(CultureInfo.InvariantCulture, $"v {p.X:0.#####} {p.Y:0.#####} {p.Z:0.#####}"));
        }

        foreach (var t in template.Uvs)
        {
            // OBJ counts v from the bottom.
            w.WriteLine(string.Create(CultureInfo.InvariantCulture, $"vt {t.X:0.#######} {1 - t.Y:0.#######}"));
        }

        foreach (var n in normals)
        {
            w.WriteLine(string.Create(CultureInfo.InvariantCulture, $"vn {n.X:0.#####} {n.Y:0.#####} {n.Z:0.#####}"));
        }

        if (hasMaterial)
        {
            w.WriteLine($"usemtl {name}");
        }

        for (var f = 0; f < template.Faces.Length; f += 4)
        {
            w.Write("f");
            for (var c = f; c < f + 4 && template.Faces[c] >= 0; c++)
            {
                var v = template.Faces[c] + 1;
                w.Write(string.Create(CultureInfo.InvariantCulture, $" {v}/{template.FaceUvs[c] + 1}/{v}"));
            }

            w.WriteLine();
        }
    }
}
