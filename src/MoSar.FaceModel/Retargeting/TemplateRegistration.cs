using System.Numerics;
using MoSar.Faces.Building;
using MoSar.Faces.Fitting;
using MeshNormals = MoSar.Graphics.MeshNormals;

namespace MoSar.Faces.Retargeting;

/// <summary>How well the template lies on a foreign mesh.</summary>
/// <param name="Scale">Millimetres in one unit of the mesh.</param>
/// <param name="LandmarkDistance">Root mean square, mm, once the linear model is fitted: definitions of landmarks differ by about 3.</param>
/// <param name="FaceMean">Mean distance of the face's vertices from the mesh, mm; those without a counterpart are left out.</param>
/// <param name="Face95">95 % lie nearer than this, mm.</param>
/// <param name="FaceFound">The share of the face that has a counterpart.</param>
public readonly record struct RegistrationQuality(float Scale, float LandmarkDistance, float FaceMean, float Face95, float FaceFound);

/// <summary>What a registration is doing, and how much of it is done, 0 to 1.</summary>
public readonly record struct RegistrationProgress(string Step, float Fraction);

/// <summary>
/// Draws the template onto a head of another topology: similarity from landmarks, fit of the linear model, non-rigid ICP. The template is the one
/// that moves, because it is known to be a whole, clean head: where the mesh has holes or ends, it is continued by the template's own shape.
/// </summary>
public static class TemplateRegistration
{
    // A face whose landmarks lie farther than this from the nearest face of the model is none, or its landmarks are out of order.
    private const float LargestLandmarkDistance = 9;

    // Less than this is no registration: half a face may well be missing.
    private const float LeastFace = 0.3f;

    private const string LandmarkRemedy = "Check that the landmarks are those of this mesh (indices from 0), in the order of Multi-PIE, the subject's right jaw first.";

    /// <param name="landmarks">68 points, or 51 without the jaw, in the mesh's units.</param>
    /// <exception cref="MoSarException"><c>retarget-landmarks</c>: they do not lie as a face's do. <c>retarget-mesh</c>: the mesh does not lie where its landmarks are.</exception>
    public static AtlasCorrespondence Register(
        FaceModel model, ForeignMesh foreign, Vector3[] landmarks, IProgress<RegistrationProgress>? progress = null, CancellationToken cancellation = default)
    {
        progress?.Report(new RegistrationProgress("aligning landmarks", 0));
        var (marks, toHead) = Align(model, landmarks);
        var mesh = foreign.Mesh with { Positions = Array.ConvertAll(foreign.Mesh.Positions, p => Vector3.Transform(p, toHead)) };
        var components = MeshComponents.Of(mesh.Template);
        var anything = new SurfaceProbe(mesh.Positions, mesh.Template.Triangles, _ => true);
        var isSkin = SkinOf(components, mesh, anything, marks);
        RefuseInsideOut(model, mesh, anything, marks);
        var surface = new TargetSurface(mesh, isSkin);
        var weights = Weights(model.Template);

        progress?.Report(new RegistrationProgress("fitting the face model", 0));
        var (shape, toSurface, rms) = ShapeFit.Run(model, surface, marks, weights, cancellation);
        if (rms > LargestLandmarkDistance)
        {
            throw new MoSarException("retarget-landmarks", $"The landmarks lie {rms:F0} mm (root mean square) from the nearest face's; a face's own lie within {LargestLandmarkDistance:F0}.", LandmarkRemedy);
        }

        // From here on everything is in the model's own frame and size.
        Matrix4x4.Invert(toSurface, out var back);
        toHead *= back;
        mesh = mesh with { Positions = Array.ConvertAll(mesh.Positions, p => Vector3.Transform(p, back)) };
        marks = Array.ConvertAll(marks, p => Vector3.Transform(p, back));
        surface = new TargetSurface(mesh, isSkin);
        var steps = progress is null ? null : new Relay(progress);
        var positions = NonRigidFit.Run(model.Template, shape, surface, marks, weights, steps, cancellation);
        var parts = EyeballFit.Place(model.Template, positions, shape, mesh, components, isSkin);
        var template = new Mesh(model.Template, positions);
        var quality = Measure(template, surface, MathF.Cbrt(MathF.Abs(toHead.GetDeterminant())), rms);
        return quality.FaceFound > LeastFace
            ? new AtlasCorrespondence(new AtlasSide(template, EyeballFit.Parts(model.Template)), EyeballFit.WithoutOthersTextures(mesh, parts), quality)
            : throw new MoSarException("retarget-mesh", $"The template does not come to lie on {mesh.Template.Id}: only {quality.FaceFound:P0} of its face finds a counterpart.", LandmarkRemedy);
    }

    /// <summary>The landmarks in head space as 68 (NaN for a jaw that is not there), and the similarity that brought them there.</summary>
    private static (Vector3[] Marks, Matrix4x4 ToHead) Align(FaceModel model, Vector3[] landmarks)
    {
        var all = new Vector3[68];
        Array.Fill(all, new Vector3(float.NaN));
        landmarks.CopyTo(all, 68 - landmarks.Length);
        var mean = model.Template.LandmarksOn(model.Mean).AsSpan(68 - landmarks.Length);
        var weights = new float[landmarks.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            // The jaw's places are vague and its width is the person's.
            weights[i] = i + 68 - landmarks.Length < 17 ? 0.2f : 1;
        }

        var fit = Similarity.Fit(landmarks, mean, weights)
            ?? throw new MoSarException("retarget-landmarks", "The landmarks all lie at one place.", LandmarkRemedy);
        if (fit.Rms > 2 * LargestLandmarkDistance)
        {
            var mirrored = Similarity.Fit(Array.ConvertAll(landmarks, p => p with { X = -p.X }), mean, weights)!.Value.Rms;
            var hint = mirrored < fit.Rms / 2 ? " Mirrored they fit: left and right are exchanged." : string.Empty;
            throw new MoSarException("retarget-landmarks", $"The landmarks do not lie as a face's do: {fit.Rms:F0} mm (root mean square) from the mean face's.{hint}", LandmarkRemedy);
        }

        return (Array.ConvertAll(all, p => Vector3.Transform(p, fit.Transform)), fit.Transform);
    }

    /// <summary>The triangles of the pieces that carry landmarks.</summary>
    private static bool[] SkinOf(MeshComponents components, Mesh mesh, SurfaceProbe probe, Vector3[] marks)
    {
        var isSkin = new bool[components.Count];
        var distances = new List<float>();
        foreach (var mark in marks.Where(m => !float.IsNaN(m.X)))
        {
            var (point, distance) = probe.Closest(mark);
            distances.Add(distance);
            isSkin[components.Component[mesh.Template.Triangles[3 * point.Triangle]]] = true;
        }

        distances.Sort();
        return distances[distances.Count / 2] < LargestLandmarkDistance
            ? [.. Enumerable.Range(0, mesh.Template.Triangles.Length / 3).Select(t => isSkin[components.Component[mesh.Template.Triangles[3 * t]]])]
            : throw new MoSarException(
                "retarget-mesh", $"{mesh.Template.Id} lies {distances[distances.Count / 2]:F0} mm from its landmarks (median, at a face's true size).", "Give landmarks in the mesh's own coordinates and units.");
    }

    /// <summary>Closest points are only looked for among triangles that face the same way.</summary>
    private static void RefuseInsideOut(FaceModel model, Mesh mesh, SurfaceProbe probe, Vector3[] marks)
    {
        var triangles = mesh.Template.Triangles;
        var normals = MeshNormals.AngleWeighted(model.Mean, model.Template.Triangles);
        var agreement = 0f;
        for (var l = 17; l < marks.Length; l++)
        {
            var t = 3 * probe.Closest(marks[l]).Point.Triangle;
            var (a, b, c) = (mesh.Positions[triangles[t]], mesh.Positions[triangles[t + 1]], mesh.Positions[triangles[t + 2]]);
            agreement += MathF.Sign(Vector3.Dot(Vector3.Cross(b - a, c - a), model.Template.Landmarks[l].On(model.Template, normals)));
        }

        if (agreement < 0)
        {
            throw new MoSarException("retarget-mesh", $"{mesh.Template.Id} is inside out: its faces are clockwise seen from outside.", "Flip its faces (normals) and export it again.");
        }
    }

    /// <summary>How much a vertex of the template listens to the closest point: skin that is seen from outside does, ears (folds beside folds) less.</summary>
    private static float[] Weights(FaceTemplate template)
    {
        var weights = new float[template.VertexCount];
        for (var v = 0; v < weights.Length; v++)
        {
            var hidden = Region("eyeballs") + Region("mouth_socket") + Region("eye_sockets") + Region("teeth") + Region("gums");
            weights[v] = MathF.Max(0, 1 - hidden) * (1 - (0.5f * Region("ears"))) * (1 - (0.8f * Region("inner_lips")));
            weights[v] = weights[v] < 0.05f ? 0 : weights[v];

            float Region(string name) => template.Regions.TryGetValue(name, out var r) ? r[v] : 0;
        }

        return weights;
    }

    private static RegistrationQuality Measure(Mesh template, TargetSurface surface, float scale, float landmarkRms)
    {
        var face = template.Template.Regions["face"];
        var normals = MeshNormals.Of(template);
        var distances = new List<float>();
        var (near, asked) = (-1, 0);
        for (var v = 0; v < face.Length; v++)
        {
            if (face[v] > 0.5f)
            {
                asked++;
                if (surface.TryClosest(template.Positions[v], normals[v], TexelLookup.Reach, ref near, out var p, out _))
                {
                    distances.Add(Vector3.Distance(p, template.Positions[v]));
                }
            }
        }

        distances.Sort();
        return distances.Count == 0
            ? new RegistrationQuality(scale, landmarkRms, float.NaN, float.NaN, 0)
            : new RegistrationQuality(scale, landmarkRms, distances.Average(), distances[(int)(0.95f * (distances.Count - 1))], distances.Count / (float)asked);
    }

    private sealed class Relay(IProgress<RegistrationProgress> target) : IProgress<float>
    {
        public void Report(float value) => target.Report(new RegistrationProgress("drawing the template onto the mesh", value));
    }
}
