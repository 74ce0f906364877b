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
        var file = WeightFile.Open(path, Remedy);
        var v = file.Shape("mean")[0];
        if (v != albedo.Mean.Length)
        {
            throw file.Damaged($"it has {v} vertices, the albedo {albedo.Mean.Length}");
        }

        var scale = albedo.Modes.Select(m => Math.Max(1e-12f, m.Max(c => Vector3.Abs(c) is var a ? Math.Max(a.X, Math.Max(a.Y, a.Z)) : 0))).ToArray();
        var flat = albedo.Modes.SelectMany((m, k) => m.Select(c => c / scale[k])).ToArray();
        new WeightFileWriter()
            .CopyFrom(file, name => name.StartsWith("albedo_", StringComparison.Ordinal))
            .Text("albedo", string.Create(CultureInfo.InvariantCulture, $"PCA of {albedo.People} portraits and their mirrors; {albedo.Modes.Length} modes explain {albedo.Explained:P1}"))
            .Text("albedo_brightness", albedo.Brightness.ToString("F4", CultureInfo.InvariantCulture))
            .Text("albedo_licence", "statistics of portraits by DeBruine and Jones, Face Research Lab London Set and Canada set, CC-BY 4.0, figshare 5047666")
            .Floats("albedo_mean", MemoryMarshal.Cast<Vector3, float>(albedo.Mean), v, 3)
            .Halves("albedo_basis", MemoryMarshal.Cast<Vector3, float>(flat), scale.Length, v, 3)
            .Floats("albedo_basis_scale", scale, scale.Length)
            .Save(path);
    }
}
