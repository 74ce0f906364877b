using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace MoSar.Faces.Albedo;

/// <summary>Puts a learned albedo into a model file.</summary>
public static class AlbedoFile
{
    private const string Remedy = "Make it with `mosar model build --from ict-facekit DIR`.";

    /// <summary>Rewrites the file with this albedo in place of its own; beside first, then renamed.</summary>
    /// <exception cref="MoSarException">The file is missing or damaged, or has another number of vertices.</exception>
    public static void Replace(string path, AlbedoModel albedo)
    {
        var file = SafetensorsFile.Read(path, Remedy);
        var v = file.Shape("mean")[0];
        if (v != albedo.Mean.Length)
        {
            throw file.Mismatch($"{path} has {v} vertices, the albedo {albedo.Mean.Length}");
        }

        var scale = albedo.Modes.Select(m => Math.Max(1e-12f, m.Max(c => Vector3.Abs(c) is var a ? Math.Max(a.X, Math.Max(a.Y, a.Z)) : 0))).ToArray();
        var flat = albedo.Modes.SelectMany((m, k) => m.Select(c => c / scale[k])).ToArray();
        var writer = new SafetensorsWriter();
        foreach (var (key, value) in file.Metadata)
        {
            writer.Metadata[key] = value;
        }

        writer.Metadata["albedo"] = string.Create(CultureInfo.InvariantCulture, $"PCA of {albedo.People} portraits and their mirrors; {albedo.Modes.Length} modes explain {albedo.Explained:P1}");
        writer.Metadata["albedo_brightness"] = albedo.Brightness.ToString("F4", CultureInfo.InvariantCulture);
        writer.Metadata["albedo_licence"] = "statistics of portraits by DeBruine and Jones, Face Research Lab London Set and Canada set, CC-BY 4.0, figshare 5047666";
        foreach (var kept in file.Entries.Where(e => !e.Name.StartsWith("albedo_", StringComparison.Ordinal)))
        {
            writer.AddBytes(kept.Name, kept.Type, file.Shape(kept.Name), file.Bytes(kept.Name));
        }

        writer.Add("albedo_mean", MemoryMarshal.Cast<Vector3, float>(albedo.Mean), v, 3)
            .AddAsHalf("albedo_basis", MemoryMarshal.Cast<Vector3, float>(flat), scale.Length, v, 3)
            .Add("albedo_basis_scale", scale, scale.Length)
            .Save(path);
    }
}
