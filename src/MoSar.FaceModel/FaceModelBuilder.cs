using System.Numerics;
using MoSar.Faces.Building;
using MoSar.Faces.Source;

namespace MoSar.Faces;

/// <param name="IdentityCount">How many of the source's identity modes to keep.</param>
/// <param name="LandmarkPoints">Replacements for landmarks by Multi-PIE index, null: those measured on portraits when building from files, the source's when building from memory.</param>
public sealed record FaceModelOptions(int IdentityCount = 100, IReadOnlyDictionary<int, Vector3>? LandmarkPoints = null);

/// <summary>Progress of a build: what is being done and how much of it, 0 to 1.</summary>
public readonly record struct FaceModelProgress(string Step, double Fraction);

/// <summary>Resamples a source head onto the project's own template.</summary>
public static class FaceModelBuilder
{
    /// <summary>Reads a source (ICT-FaceKit's published folder or its packed copy) and builds the model from it.</summary>
    /// <exception cref="MoSarException">The source is missing, damaged or not of the published topology.</exception>
    public static FaceModelDraft Build(string source, FaceModelOptions? options = null, IProgress<FaceModelProgress>? progress = null, CancellationToken cancellation = default)
    {
        progress?.Report(new FaceModelProgress("reading", 0));
        var reading = progress is null ? null : new Relay(f => progress.Report(new FaceModelProgress("reading", f)));
        options ??= new FaceModelOptions();
        options = options with { LandmarkPoints = options.LandmarkPoints ?? PortraitLandmarks.Points };
        return Build(IctFaceKit.Read(source, reading, cancellation), options, progress, cancellation);
    }

    /// <summary>Builds the model from a source in memory.</summary>
    public static FaceModelDraft Build(SourceHead source, FaceModelOptions? options = null, IProgress<FaceModelProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new FaceModelOptions();
        progress?.Report(new FaceModelProgress("template", 0));
        var layout = BlockLayout.Make(source, step => progress?.Report(new FaceModelProgress(step, 0)), cancellation);
        cancellation.ThrowIfCancellationRequested();
        progress?.Report(new FaceModelProgress("resampling", 0));
        var mean = Symmetrised([.. layout.FromSource.Apply(source.Positions).Zip(layout.NeutralOffsets, (p, o) => p + o)], layout.Mirror);
        var triangles = TemplateReader.Split(layout.Faces);
        var normals = MeshNormals.Of(mean, triangles);
        var landmarks = Landmarks(source, options);
        var regions = RegionPainter.Paint(mean, normals, layout.Parts, layout.Mirror, landmarks, layout.Ears);
        var skin = new SurfaceProbe(mean, triangles, t => Corners(t).All(v => layout.Parts[v] == HeadPart.Skin));
        var jaw = new SurfaceProbe(mean, triangles, t => Corners(t).All(v => layout.Parts[v] == HeadPart.Skin && regions["ears"][v] < .3f));
        var (albedo, albedoModes) = AnalyticAlbedo.Paint(regions, mean);
        cancellation.ThrowIfCancellationRequested();
        var (leftEye, rightEye) = (EyeCentre(layout, HeadPart.EyeballLeft, mean), EyeCentre(layout, HeadPart.EyeballRight, mean));
        var identity = IdentityBasis.Take(layout.FromSource, source.Identity, Math.Min(options.IdentityCount, source.Identity.Count));
        progress?.Report(new FaceModelProgress("levels", 0));
        SurfacePoint[] marks = [.. landmarks.Select(l => skin.Closest(l).Point)];
        var (pyramid, parts) = LevelFile.Make(mean, layout.Faces, layout.Mirror, AsKept(regions), [.. marks.Select(skin.At)]);
        progress?.Report(new FaceModelProgress("done", 1));
        return new FaceModelDraft(new ModelParts
        {
            Layout = layout,
            Source = source,
            Mean = mean,
            Identity = identity,
            Expressions = [.. ArkitNames.Kept(source.Expressions).Select(e => (e.Name, layout.FromSource.Apply(e.Offsets)))],
            Regions = regions,
            Landmarks = marks,
            JawCandidates = JawContour.Sample(jaw, landmarks, p => Normal(p)),
            EyeCentres = [Mean(leftEye, mean), Mean(rightEye, mean)],
            EyeCentresIdentity = [.. identity.SelectMany(m => new[] { Mean(leftEye, m), Mean(rightEye, m) })],
            AlbedoMean = albedo,
            AlbedoModes = albedoModes,
            Pyramid = pyramid,
            HeadParts = parts,
        });

        IEnumerable<int> Corners(int t) => [triangles[t * 3], triangles[(t * 3) + 1], triangles[(t * 3) + 2]];

        Vector3 Normal(SurfacePoint p) => Vector3.Normalize((p.Barycentric.X * normals[triangles[p.Triangle * 3]])
            + (p.Barycentric.Y * normals[triangles[(p.Triangle * 3) + 1]]) + (p.Barycentric.Z * normals[triangles[(p.Triangle * 3) + 2]]));
    }

    /// <summary>As the file keeps them, so that levels added later are the same.</summary>
    private static Dictionary<string, float[]> AsKept(Dictionary<string, float[]> regions) =>
        regions.ToDictionary(r => r.Key, r => r.Value.Select(w => MathF.Round(w * 255) / 255).ToArray());

    private static Vector3[] Landmarks(SourceHead source, FaceModelOptions options)
    {
        var landmarks = source.Landmarks.Select(l => source.Positions[l]).ToArray();
        foreach (var (index, position) in options.LandmarkPoints ?? new Dictionary<int, Vector3>())
        {
            landmarks[index] = position;
        }

        return landmarks;
    }

    private static Vector3[] Symmetrised(Vector3[] positions, int[] mirror)
    {
        var flip = new Vector3(-1, 1, 1);
        return [.. positions.Select((p, i) => (p + (positions[mirror[i]] * flip)) / 2)];
    }

    /// <summary>The vertices of an eyeball's equator: their mean turns with nothing and moves as the centre does.</summary>
    private static int[] EyeCentre(TemplateLayout layout, HeadPart part, Vector3[] mean)
    {
        var members = Enumerable.Range(0, mean.Length).Where(i => layout.Parts[i] == part).ToArray();
        if (members.Length == 0)
        {
            return [];
        }

        var (low, high) = (members.Min(i => mean[i].X), members.Max(i => mean[i].X));
        var radius = (high - low) / 2;

        // The widest ring, seen along x, stands at the sphere's centre in z even though the cornea bulges in front.
        var centreZ = members.Where(i => mean[i].X < low + (radius * .015f) || mean[i].X > high - (radius * .015f)).Average(i => mean[i].Z);
        return [.. members.Where(i => Math.Abs(mean[i].Z - centreZ) < radius * .12f)];
    }

    private static Vector3 Mean(int[] members, Vector3[] field) =>
        members.Length == 0 ? Vector3.Zero : members.Aggregate(Vector3.Zero, (sum, i) => sum + field[i]) / members.Length;

    private sealed class Relay(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
