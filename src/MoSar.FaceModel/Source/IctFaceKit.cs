using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace MoSar.Faces.Source;

/// <summary>
/// Reads ICT-FaceKit (MIT, © 2020 USC Institute for Creative Technologies; Li et al., CVPR 2020), either as its published folder of OBJ
/// files (<c>FaceXModel/generic_neutral_mesh.obj</c>, <c>identity000.obj</c> …, one OBJ an expression, <c>vertex_indices.json</c>) or as
/// one packed safetensors file. Both are in centimetres and come out in millimetres.
/// </summary>
public static class IctFaceKit
{
    private const float MillimetresPerUnit = 10;
    private const string Origin = "ICT-FaceKit, MIT licence, (c) 2020 USC Institute for Creative Technologies";
    private const string Remedy = "Point --from at the ICT-FaceKit folder (its FaceXModel holds generic_neutral_mesh.obj) or at the packed ict_facekit.safetensors.";

    /// <summary>Vertex ranges of the published topology (ICT-FaceKit, README, "Face Model Topology").</summary>
    private const string PublishedRanges = "face 0:9409; head_and_neck 9409:11248; mouth_socket 11248:13294; eye_socket_left 13294:13678; "
        + "eye_socket_right 13678:14062; gums_tongue 14062:17039; teeth 17039:21451; eyeball_left 21451:23021; eyeball_right 23021:24591";

    /// <summary>Multi-PIE 68 as the README of ICT-FaceKit lists them.</summary>
    internal static readonly int[] PublishedLandmarks =
    [
        1225, 1888, 1052, 367, 1719, 1722, 2199, 1447, 966, 3661, 4390, 3927, 3924, 2608, 3272, 4088, 3443,
        268, 493, 1914, 2044, 1401, 3615, 4240, 4114, 2734, 2509,
        978, 4527, 4942, 4857, 1140, 2075, 1147, 4269, 3360,
        1507, 1542, 1537, 1528, 1518, 1511, 3742, 3751, 3756, 3721, 3725, 3732,
        5708, 5695, 2081, 0, 4275, 6200, 6213, 6346, 6461, 5518, 5957, 5841, 5702, 5711, 5533, 6216, 6207, 6470, 5517, 5966,
    ];

    /// <summary>Reads a folder (published or holding the packed file) or the packed file itself.</summary>
    /// <exception cref="MoSarException"><c>source-missing</c>, <c>source-damaged</c> or those of <see cref="SafetensorsFile.Read"/>.</exception>
    public static SourceHead Read(string path, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        if (File.Exists(path))
        {
            return ReadPacked(path);
        }

        foreach (var folder in new[] { Path.Combine(path, "FaceXModel"), path })
        {
            if (File.Exists(Path.Combine(folder, "generic_neutral_mesh.obj")))
            {
                return ReadFolder(folder, progress, cancellation);
            }
        }

        var packed = Path.Combine(path, "ict_facekit.safetensors");
        return File.Exists(packed)
            ? ReadPacked(packed)
            : throw new MoSarException("source-missing", $"{path}: neither FaceXModel/generic_neutral_mesh.obj nor ict_facekit.safetensors is there.", Remedy);
    }

    private static SourceHead ReadPacked(string path)
    {
        var file = SafetensorsFile.Read(path, Remedy);
        var positions = file.Vectors("vertices", -1, 3);
        var n = positions.Length;
        var names = file.Text("expression_names").Split(',');
        return Assemble(
            Sha256(File.ReadAllBytes(path)),
            positions,
            file.Ints("quads", -1, 4),
            file.Metadata.GetValueOrDefault("vertex_ranges", PublishedRanges),
            Chop(file.Vectors("identity", -1, n, 3), n),
            [.. names.Zip(Chop(file.Vectors("expression", names.Length, n, 3), n))],
            file.Ints("landmarks68", 68),
            path);
    }

    private static SourceHead ReadFolder(string folder, IProgress<double>? progress, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var neutral = ObjFile.Read(Path.Combine(folder, "generic_neutral_mesh.obj"), withFaces: true, hash);
        var (expressionNames, landmarks, ranges) = ReadIndices(Path.Combine(folder, "vertex_indices.json"), neutral.Positions.Length);
        var identityFiles = Directory.GetFiles(folder, "identity*.obj").Order(StringComparer.Ordinal).ToArray();
        if (identityFiles.Length == 0)
        {
            throw new MoSarException("source-missing", $"{folder}: no identity000.obj.", Remedy);
        }

        if (expressionNames.Length == 0)
        {
            expressionNames = [.. Directory.GetFiles(folder, "*.obj").Select(f => Path.GetFileNameWithoutExtension(f)!)
                .Where(f => f != "generic_neutral_mesh" && !f.StartsWith("identity", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        }

        var files = identityFiles.Concat(expressionNames.Select(e => Path.Combine(folder, e + ".obj"))).ToArray();
        var offsets = new Vector3[files.Length][];
        for (var i = 0; i < files.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var shape = ObjFile.Read(files[i], withFaces: false, hash).Positions;
            if (shape.Length != neutral.Positions.Length)
            {
                throw new MoSarException("source-damaged", $"{files[i]}: {shape.Length} vertices, the neutral mesh has {neutral.Positions.Length}.", Remedy);
            }

            offsets[i] = [.. shape.Zip(neutral.Positions, (a, b) => a - b)];
            progress?.Report((i + 1.0) / files.Length);
        }

        var identityCount = identityFiles.Length;
        return Assemble(
            Convert.ToHexStringLower(hash.GetHashAndReset()),
            neutral.Positions,
            neutral.Faces,
            ranges,
            offsets[..identityCount],
            [.. expressionNames.Zip(offsets[identityCount..])],
            landmarks,
            folder);
    }

    /// <summary>
    /// The expressions that <c>vertex_indices.json</c> names. Topologies other than the published one (tests make such) add our keys
    /// <c>landmarks68</c> and <c>vertex_ranges</c>.
    /// </summary>
    private static (string[] Expressions, int[] Landmarks, string Ranges) ReadIndices(string path, int vertexCount)
    {
        string[] expressions = [];
        var landmarks = PublishedLandmarks;
        var ranges = PublishedRanges;
        var own = false;
        if (File.Exists(path))
        {
            try
            {
                using var json = JsonDocument.Parse(File.ReadAllBytes(path));
                var root = json.RootElement;
                if (root.TryGetProperty("expressions", out var e))
                {
                    expressions = [.. e.EnumerateArray().Select(x => x.GetString()!)];
                }

                if (root.TryGetProperty("landmarks68", out var l) && root.TryGetProperty("vertex_ranges", out var r))
                {
                    (landmarks, ranges, own) = ([.. l.EnumerateArray().Select(x => x.GetInt32())], r.GetString()!, true);
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
            {
                throw new MoSarException("source-damaged", $"{path}: not the JSON that ICT-FaceKit publishes ({e.Message}).", Remedy, e);
            }
        }

        return own || vertexCount is 26719 or 24591
            ? (expressions, landmarks, ranges)
            : throw new MoSarException("source-damaged", $"{path}: the neutral mesh has {vertexCount} vertices, ICT-FaceKit's published topology has 26719.", Remedy);
    }

    private static SourceHead Assemble(
        string sha256,
        Vector3[] positions,
        int[] faces,
        string ranges,
        Vector3[][] identity,
        (string Name, Vector3[] Offsets)[] expressions,
        int[] landmarks,
        string path)
    {
        var (parts, kept) = Parts(ranges, positions.Length, path);
        if (landmarks.Length != 68 || landmarks.Any(l => l < 0 || l >= kept))
        {
            throw new MoSarException("source-damaged", $"{path}: its landmarks are not 68 vertex indices below {kept}.", Remedy);
        }

        var keptFaces = new List<int>(faces.Length);
        for (var f = 0; f < faces.Length; f += 4)
        {
            var face = faces.AsSpan(f, 4);
            if (face[0] < kept && face[1] < kept && face[2] < kept && face[3] < kept)
            {
                keptFaces.AddRange(face);
            }
        }

        return new SourceHead
        {
            Origin = Origin,
            Sha256 = sha256,
            Positions = Scale(positions.AsSpan(0, kept)),
            Faces = [.. keptFaces],
            Parts = parts,
            Identity = [.. identity.Select(m => Scale(m.AsSpan(0, kept)))],
            Expressions = [.. expressions.Select(e => (e.Name, Scale(e.Offsets.AsSpan(0, kept))))],
            Landmarks = landmarks,
        };
    }

    private static (HeadPart[] Parts, int Kept) Parts(string ranges, int vertexCount, string path)
    {
        var parts = new HeadPart[vertexCount];
        var end = 0;
        foreach (var range in ranges.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = range.Split([' ', ':']);
            if (words.Length != 3 || !int.TryParse(words[1], CultureInfo.InvariantCulture, out var from) || !int.TryParse(words[2], CultureInfo.InvariantCulture, out var to)
                || from != end || to < from || to > vertexCount)
            {
                throw new MoSarException("source-damaged", $"{path}: the vertex range '{range}' does not fit {vertexCount} vertices.", Remedy);
            }

            parts.AsSpan(from, to - from).Fill(words[0] switch
            {
                "face" or "head_and_neck" => HeadPart.Skin,
                "mouth_socket" => HeadPart.MouthSocket,
                "eye_socket_left" or "eye_socket_right" => HeadPart.EyeSocket,
                "gums_tongue" => HeadPart.Gums,
                "teeth" => HeadPart.Teeth,
                "eyeball_left" => HeadPart.EyeballLeft,
                "eyeball_right" => HeadPart.EyeballRight,
                var name => throw new MoSarException("source-damaged", $"{path}: unknown part '{name}'.", Remedy),
            });
            end = to;
        }

        return (parts[..end], end);
    }

    private static Vector3[][] Chop(Vector3[] all, int n) => [.. Enumerable.Range(0, all.Length / n).Select(k => all[(k * n)..((k + 1) * n)])];

    private static Vector3[] Scale(ReadOnlySpan<Vector3> centimetres)
    {
        var result = centimetres.ToArray();
        foreach (ref var p in result.AsSpan())
        {
            p *= MillimetresPerUnit;
        }

        return result;
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
