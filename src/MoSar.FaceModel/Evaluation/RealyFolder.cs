using System.Globalization;
using System.Numerics;
using System.Text.Json;
using MoSar.Faces.Retargeting;

namespace MoSar.Faces.Evaluation;

/// <summary>The benchmark as REALY publishes it: <c>REALY_HIFI3D_keypoints/ID.obj</c>, <c>REALY_scan_region/ID/REGION.obj</c> and <c>metrical_scale.txt</c>, whose line ID is that subject's millimetres per unit.</summary>
public sealed class RealyFolder
{
    private const string KeypointsFolder = "REALY_HIFI3D_keypoints";
    private const string RegionsFolder = "REALY_scan_region";
    private const string ScaleFile = "metrical_scale.txt";
    private const string Remedy = "Give the folder that holds REALY_HIFI3D_keypoints, REALY_scan_region and metrical_scale.txt (docs/realy.md).";

    private readonly string _path;
    private readonly double[] _scales;

    private RealyFolder(string path, double[] scales) => (_path, _scales) = (path, scales);

    /// <summary>Whether a folder seems meant as the benchmark.</summary>
    public static bool IsOne(string path) => Directory.Exists(Path.Combine(path, RegionsFolder)) || Directory.Exists(Path.Combine(path, KeypointsFolder));

    /// <exception cref="MoSarException"><c>realy-folder</c>, <c>realy-scale</c>.</exception>
    public static RealyFolder Open(string path)
    {
        foreach (var part in (string[])[KeypointsFolder, RegionsFolder])
        {
            if (!Directory.Exists(Path.Combine(path, part)))
            {
                throw new MoSarException("realy-folder", $"'{path}' is not the REALY benchmark: there is no folder {part} in it.", Remedy);
            }
        }

        var file = Path.Combine(path, ScaleFile);
        if (!File.Exists(file))
        {
            throw new MoSarException("realy-scale", $"There is no file '{file}'.", "Put it there from REALY's repository (data/metrical_scale.txt): one number a line, line N for subject N.");
        }

        string[] lines = [.. File.ReadLines(file).Where(l => l.Trim().Length > 0)];
        return new RealyFolder(path, [.. lines.Select((l, i) => double.TryParse(l, NumberStyles.Float, CultureInfo.InvariantCulture, out var mm) && double.IsFinite(mm) && mm > 0
            ? mm
            : throw new MoSarException("realy-scale", $"{file}:{i + 1}: '{l.Trim()}' is no number of millimetres.", "Give one number a line, line N for subject N."))]);
    }

    /// <summary>The subject that a prediction's file belongs to: the number before its name's first underscore.</summary>
    /// <exception cref="MoSarException"><c>realy-name</c>.</exception>
    public static int SubjectOf(string prediction) =>
        int.TryParse(Path.GetFileNameWithoutExtension(prediction).Split('_')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new MoSarException("realy-name", $"'{prediction}' does not begin with a subject's number.", "Name predictions as REALY names its photographs: 1.obj, 2.obj … or 1_0.obj, 1_1.obj …");

    /// <exception cref="MoSarException"><c>realy-subject</c>, <c>realy-keypoints</c>, or what is said of a mesh that cannot be read.</exception>
    public RealySubject Load(int id)
    {
        if (id < 1 || id > _scales.Length)
        {
            throw new MoSarException("realy-subject", $"{Path.Combine(_path, ScaleFile)} has no line for subject {id}: it has {_scales.Length}.", "Evaluate predictions of the benchmark's own subjects.");
        }

        var keypointsFile = Path.Combine(_path, KeypointsFolder, $"{id}.obj");
        Require(keypointsFile, $"subject {id}'s keypoints");
        var (keypoints, _) = ForeignMeshFile.ReadShape(keypointsFile);
        if (keypoints.Length != RealyKeypoints.Count)
        {
            throw new MoSarException("realy-keypoints", $"{keypointsFile} has {keypoints.Length} vertices; its {RealyKeypoints.Count} keypoints were expected.", "Restore it from the benchmark.");
        }

        var regions = new Dictionary<RealyRegion, PlainMesh>();
        foreach (var region in Enum.GetValues<RealyRegion>())
        {
            var file = Path.Combine(_path, RegionsFolder, $"{id}", $"{region.ToString().ToLowerInvariant()}.obj");
            Require(file, $"subject {id}'s {region.ToString().ToLowerInvariant()}");
            var (positions, triangles) = ForeignMeshFile.ReadShape(file);
            regions[region] = triangles.Length > 0
                ? new PlainMesh(positions, triangles)
                : throw new MoSarException("realy-subject", $"{file} has no faces.", "Restore it from the benchmark.");
        }

        return new RealySubject($"{id}", keypoints, regions, _scales[id - 1]);
    }

    private static void Require(string file, string what)
    {
        if (!File.Exists(file))
        {
            throw new MoSarException("realy-subject", $"There is no file '{file}': {what}.", "Restore it from the benchmark, or leave out the predictions of that subject.");
        }
    }
}

/// <summary>A prediction's topology from files: a template OBJ and REALY's list of keypoints, JSON <c>[[triangle, b0, b1], …]</c>, 85 rows.</summary>
public static class RealyTopologyFile
{
    private const string Remedy = "Give 85 rows [triangle counted from 0, weight of its first corner, weight of its second], as REALY's data/HIFI3D.txt.";

    /// <exception cref="MoSarException"><c>realy-keypoints</c>, or what is said of a mesh that cannot be read.</exception>
    public static RealyTopology Read(string template, string keypoints)
    {
        var (positions, triangles) = ForeignMeshFile.ReadShape(template);
        return new RealyTopology(positions.Length, triangles, Keypoints(keypoints, triangles.Length / 3));
    }

    /// <summary>The positions of a prediction's OBJ, in the file's order.</summary>
    /// <exception cref="MoSarException"><c>realy-vertices</c>, or what is said of a mesh that cannot be read.</exception>
    public static Vector3[] ReadPrediction(string path, RealyTopology topology)
    {
        var (positions, _) = ForeignMeshFile.ReadShape(path);
        return positions.Length == topology.VertexCount
            ? positions
            : throw new MoSarException(
                "realy-vertices", $"'{path}' has {positions.Length} vertices, its template {topology.VertexCount}.",
                "Save predictions with all vertices in the template's order, or name their own template with --template and --keypoints.");
    }

    private static SurfacePoint[] Keypoints(string path, int triangleCount)
    {
        if (!File.Exists(path))
        {
            throw new MoSarException("realy-keypoints", $"There is no file '{path}'.", Remedy);
        }

        double[][] rows;
        try
        {
            rows = JsonSerializer.Deserialize<double[][]>(File.ReadAllText(path)) ?? [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new MoSarException("realy-keypoints", $"{path}: not a list of rows of three numbers.", Remedy, e);
        }

        if (rows.Length != RealyKeypoints.Count)
        {
            throw new MoSarException("realy-keypoints", $"{path} has {rows.Length} keypoints, not {RealyKeypoints.Count}.", Remedy);
        }

        return [.. rows.Select((row, k) => row is { Length: 3 } && row[0] == Math.Floor(row[0]) && row[0] >= 0 && row[0] < triangleCount
            ? new SurfacePoint((int)row[0], new Vector3((float)row[1], (float)row[2], (float)(1 - row[1] - row[2])))
            : throw new MoSarException("realy-keypoints", $"{path}: keypoint {k} is no triangle of the template's {triangleCount} with two weights.", Remedy))];
    }
}
