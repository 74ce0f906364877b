using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Learning;
using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene;

/// <summary>
/// χ of the paper (3.1): the scene encoder looks at the face's crop, then Adam improves what it says on Eq. 1 until nothing gets better.
/// </summary>
/// <remarks>
/// | option          | default  | meaning |
/// |-----------------|----------|---------|
/// | model           | required | face.safetensors |
/// | weights         | required | the encoder |
/// | average         | true     | what it says of all but φ averaged over three crops |
/// | refinement      | 100      | steps at most; 0: none |
/// | rate, tolerance | 0.02, 0.003 | Adam's step, and when it has converged |
/// | batch           | 8        | photographs refined together at most |
/// | photo_weight, landmark_weight, dense_weight, prior_weight, identity_weight, expression_weight | 0.1, 0.02, 0.02, 0.3, 30, 10 | λ |
/// </remarks>
public sealed class SceneEstimator : IGeometryEstimator, IDisposable
{
    // Parts of a crop's side: pictures to learn from are moved and scaled by as much.
    private const float Apart = 0.05f;
    private const int Looks = 4, Jaw = 17;

    private const float Wider = 1.1f;

    // Share of the side by which landmarks lie elsewhere at which they count half.
    private const double Disagreement = 0.015;

    private readonly SceneOptions options;
    private readonly FaceModel model;
    private readonly SceneDecoder decoder;
    private readonly SceneNetwork network;
    private readonly LandmarkLoss landmarkLoss;
    private readonly SceneRefinement refinement;
    private readonly Gathering<View, (float[] Numbers, FaceCrop Crop)> together;
    private readonly int side;

    /// <exception cref="MoSarException">Model or weights are missing, broken or of another kind.</exception>
    public SceneEstimator(SceneOptions options)
    {
        this.options = options;
        model = SceneDecoder.Load(options.Model);
        (network, side) = SceneNetwork.Load(options.Weights, model);
        decoder = new SceneDecoder(model, network.Shape);
        landmarkLoss = new LandmarkLoss(model.Template);
        refinement = new SceneRefinement(options, decoder, model.Template, network.Points, side);
        together = new Gathering<View, (float[] Numbers, FaceCrop Crop)>(See, options.Batch);
        network.Encoder.to_channels_last();
        network.Encoder.Fold();
    }

    /// <remarks>Photographs that several threads bring at once are looked at and refined together.</remarks>
    public Reconstruction Run(GeometryInput input, StageContext context)
    {
        context.Cancellation.ThrowIfCancellationRequested();

        // The crop that belongs to the points: training saw no other. A detector's is only near it.
        var (numbers, crop) = together.Run(new View(input, FaceCrops.FromLandmarks(input.Landmarks.Points), context));
        context.Cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        return Result(decoder.Decode(tensor(numbers, [1, numbers.Length]), PixelsOf([Middle(input.Photograph)], crop).reshape(1, 2), side), crop, input.Photograph);
    }

    /// <returns>Of each view the numbers that <see cref="SceneDecoder"/> takes, and the crop that they belong to.</returns>
    private (float[] Numbers, FaceCrop Crop)[] See(IReadOnlyList<View> views)
    {
        using var scope = NewDisposeScope();
        var (numbers, evidence) = Look(views);

        // Landmarks that were misplaced, as of profiles, put the crop beside the face; where the encoder says that the face lies it looks again.
        for (var look = 1; look < Looks; look++)
        {
            View[] moved = [.. views.Select((v, i) => v with { Crop = Seen(numbers.narrow(0, i, 1), evidence.Principal.narrow(0, i, 1), v.Crop) })];
            if (moved.Zip(views).All(v => v.First.Crop == v.Second.Crop))
            {
                break;
            }

            (numbers, evidence) = Look(views = moved);
        }

        if (options.Average)
        {
            numbers = Averaged(numbers, views);
        }

        if (options.Refinement > 0)
        {
            numbers = refinement.Run(numbers, evidence with { Agreement = Agreement(numbers, evidence) }, [.. views.Select(v => v.Context)]);
        }

        return [.. views.Select((v, i) => (numbers[i].contiguous().data<float>().ToArray(), v.Crop))];
    }

    /// <summary>All but φ, which belongs to a crop, averaged over these crops, larger and smaller ones.</summary>
    private Tensor Averaged(Tensor numbers, IReadOnlyList<View> views)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var same = decoder.Length - SceneCode.CameraLength;
        Tensor[] seen = [numbers, .. new[] { Wider, 1 / Wider }.Select(by => Look([.. views.Select(v => v with { Crop = v.Crop with { Size = v.Crop.Size * by } })]).Numbers)];
        return cat([stack(seen, 0).mean([0]).narrow(1, 0, same), numbers.narrow(1, same, SceneCode.CameraLength)], 1).MoveToOuterDisposeScope();
    }

    private (Tensor Numbers, SceneEvidence Evidence) Look(IReadOnlyList<View> views)
    {
        using var frozen = no_grad();
        var planes = new float[views.Count * 3 * side * side];
        for (var i = 0; i < views.Count; i++)
        {
            CropSampler.WarpPlanar(views[i].Input.Photograph.Pixels, views[i].Crop, side, planes.AsMemory(i * 3 * side * side, 3 * side * side), srgb: false);
        }

        var images = tensor(planes, [views.Count, 3, side, side]);
        var principal = cat([.. views.Select(v => PixelsOf([Middle(v.Input.Photograph)], v.Crop))], 0);
        var marks = stack([.. views.Select(v => PixelsOf(v.Input.Landmarks.Points, v.Crop))], 0);
        var trust = tensor(views.SelectMany(v => v.Input.Landmarks.Confidence).ToArray(), [views.Count, Landmarks.Count]);
        var (numbers, dense) = network.Look(images.to_channels_last(), principal, decoder);
        return (numbers, new SceneEvidence(images, principal, marks, trust, ones(views.Count), dense));
    }

    /// <summary>How far each picture's landmarks may be believed, [B] in 0 to 1: where most of them lie elsewhere than the encoder sees them, as in profiles, it is they who are wrong.</summary>
    private Tensor Agreement(Tensor numbers, SceneEvidence evidence)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var apart = (landmarkLoss.Project(decoder.Decode(numbers, evidence.Principal, side).Projected) - evidence.Marks).square().sum(2).sqrt().contiguous().data<float>().ToArray();
        return tensor([.. apart.Chunk(Landmarks.Count).Select(row => (float)(1 / (1 + Math.Pow(Median(row[Jaw..]) / (Disagreement * side), 4))))], [numbers.shape[0]]).MoveToOuterDisposeScope();
    }

    private static float Median(float[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    /// <returns>The crop around the head that these numbers mean; the one that it was seen in where the two are hardly apart.</returns>
    private FaceCrop Seen(Tensor numbers, Tensor principal, FaceCrop crop)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var points = MemoryMarshal.Cast<float, Vector2>(landmarkLoss.Project(decoder.Decode(numbers, principal, side).Projected).contiguous().data<float>().ToArray());
        var seen = FaceCrops.FromLandmarks([.. points.ToArray().Select(p => crop.ToPixel(p / side))]);
        return Vector2.Distance(seen.Centre, crop.Centre) + MathF.Abs(seen.Size - crop.Size) > Apart * crop.Size ? seen : crop;
    }

    /// <summary>Places in a photograph as pixels of a crop, [N, 2].</summary>
    private Tensor PixelsOf(IEnumerable<Vector2> places, FaceCrop crop) => tensor(places.Select(p => crop.FromPixel(p) * side).SelectMany(p => new[] { p.X, p.Y }).ToArray()).reshape(-1, 2);

    private static Vector2 Middle(Photograph photograph) => new Vector2(photograph.Width, photograph.Height) / 2;

    public void Dispose()
    {
        network.Dispose();
        decoder.Dispose();
        refinement.Dispose();
    }

    private Reconstruction Result(Scene scene, FaceCrop crop, Photograph photograph)
    {
        float[] Row(Tensor t) => t.contiguous().data<float>().ToArray();
        var identity = Row(scene.Chi.Identity);

        // Morph targets and exporters know nothing outside 0 to 1.
        var (neutral, _, expression) = SkinContact.For(model).Relieve(
            MemoryMarshal.Cast<float, Vector3>(Row(scene.Neutral)), [.. Row(scene.Chi.Expression).Select(d => Math.Clamp(d, 0f, 1f))]);
        var albedo = Row(scene.Chi.Albedo);
        var camera = InPhotograph(scene.Chi.Camera.Pinhole(0), crop, photograph, side);
        var positions = model.Expressed(neutral, expression);
        var pixels = positions.SelectMany(p =>
        {
            var q = camera.Project(p);
            return new[] { q.X, q.Y };
        }).ToArray();
        var projected = MemoryMarshal.Cast<float, Vector2>(Row(landmarkLoss.Project(tensor(pixels, [1, positions.Length, 2])))).ToArray();
        return new Reconstruction(
            identity,
            expression,
            albedo,
            new ShLight(MemoryMarshal.Cast<float, Vector3>(Row(scene.Chi.Light)).ToArray()),
            camera,
            new Mesh(model.Template, positions),
            new Mesh(model.Template, neutral),
            [.. model.Albedo(albedo).Select(a => Vector3.Clamp(a, new Vector3(0.002f), Vector3.One))],
            projected);
    }

    /// <summary>The crop's camera as the photograph's: turned back by the crop's roll about its own axis, and as much larger as the crop was reduced.</summary>
    /// <param name="side">Of the crop that the camera belongs to, pixels.</param>
    internal static PinholeCamera InPhotograph(PinholeCamera camera, FaceCrop crop, Photograph photograph, int side)
    {
        var scale = crop.Size / side;
        return camera.Rolled(-crop.Roll) with { Fx = scale * camera.Fx, Fy = scale * camera.Fy, Cx = photograph.Width / 2.0, Cy = photograph.Height / 2.0 };
    }

    private sealed record View(GeometryInput Input, FaceCrop Crop, StageContext Context);
}
