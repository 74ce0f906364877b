using System.Security.Cryptography;
using System.Text;

namespace MoSar.Faces;

/// <summary>What data depend on that were made with a face model.</summary>
public static class FaceGeometry
{
    /// <summary>Vertices, atlas, shapes and expressions. Landmarks, regions, albedo and levels may be improved without making data wrong.</summary>
    private static readonly string[] Tensors =
    [
        "eye_centres", "eye_centres_identity", "expression_index", "expression_offset", "expression_start", "face_uvs", "faces", "identity", "identity_scale", "mean", "uvs",
    ];

    /// <summary>SHA-256, in small hexadecimal digits, of the tensors that decide where a head's vertices and texels are.</summary>
    /// <exception cref="MoSarException"><c>weights-…</c>: the file is missing, broken or no face model.</exception>
    public static string Sha256(string path)
    {
        var file = SafetensorsFile.Read(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in Tensors)
        {
            hash.AppendData(Encoding.ASCII.GetBytes(name));
            hash.AppendData(file.Bytes(name).Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
