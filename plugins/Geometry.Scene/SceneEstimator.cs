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
/// | refinement      | 100      | steps at most; 0: none |
/// | rate, tolerance | 0.02, 0.003 | Adam's step, and when it has converged |
/// | photo_weight, landmark_weight, prior_weight | 0.1, 0.02, 0.01 | λ |
/// </remarks>
public sealed class SceneEstimator : IGeometryEstimator, IDisposable
{
    private const int Side = CropInput.Side;

    private readonly SceneOptions options;
    private readonly FaceModel model;
    private readonly SceneDecoder decoder;
    private readonly SceneNetwork network;
    private readonly LandmarkLoss landmarkLoss;
    private readonly Lock gate = new();

    /// <exception cref="MoSarException">Model or weights are missing, broken or of another kind.</exception>
    public SceneEstimator(SceneOptions options)
    {
        this.options = options;
        model = SceneDecoder.Load(options.Model);
        network = SceneNetwork.Load(options.Weights, model);
        decoder = new SceneDecoder(model, network.Shape);
        landmarkLoss = new LandmarkLoss(model.Template);
        network.Encoder.to_channels_last();
        network.Encoder.Fold();
    }

    public Reconstruction Run(GeometryInput input, StageContext context)
    {
        // One optimisation at a time uses all cores as well as several would.
        lock (gate)
        {
            using var scope = NewDisposeScope();
            var photograph = input.Photograph;

            // The crop that belongs to the points: training saw no other. A detector's is only near it.
            var crop = FaceCrops.FromLandmarks(input.Landmarks.Points);
            var middle = crop.FromPixel(new Vector2(photograph.Width, photograph.Height) / 2) * Side;
            var principal = tensor([middle.X, middle.Y], [1, 2]);
            var planes = new float[3 * Side * Side];
            CropSampler.WarpPlanar(photograph.Pixels, crop, Side, planes, srgb: false);
            var image = tensor(planes, [1, 3, Side, Side]);
            Tensor numbers;
            using (no_grad())
            {
                numbers = network.Encoder.call(CropInput.Encoded(image).to_channels_last());
            }

            if (options.Refinement > 0)
            {
                var points = input.Landmarks.Points.Select(p => crop.FromPixel(p) * Side).ToArray();
                numbers = Refine(numbers, image, principal, points, input.Landmarks.Confidence, context);
            }

            using var frozen = no_grad();
            return Result(decoder.Decode(numbers, principal, Side), crop, photograph);
        }
    }

    public void Dispose()
    {
        network.Dispose();
        decoder.Dispose();
    }

    /// <summary>Adam on χ from the encoder's word, on L_photo, L_landmark and what keeps χ probable.</summary>
    private Tensor Refine(Tensor start, Tensor image, Tensor principal, Vector2[] points, IReadOnlyList<float> confidence, StageContext context)
    {
        var wanted = tensor(points.SelectMany(p => new[] { p.X, p.Y }).ToArray(), [1, points.Length, 2]);
        var trust = tensor(confidence.ToArray(), [1, confidence.Count]);
        using var numbers = nn.Parameter(start.detach().clone());
        using var adam = optim.Adam([numbers], lr: options.Rate);
        var best = (Loss: double.PositiveInfinity, Numbers: start);
        var before = double.PositiveInfinity;
        for (var step = 0; step < options.Refinement; step++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            numbers.grad = null;
            var scene = decoder.Decode(numbers, principal, Side);
            var samples = ImageSampling.Sample(image, scene.Projected);
            var weights = scene.Visible * ImageSampling.Inside(scene.Projected, Side, Side);
            var loss = (options.PhotoWeight * PhotoLoss.Of(scene.Colours, samples, weights))
                + (options.LandmarkWeight * landmarkLoss.Of(scene.Projected, wanted, trust))
                + (options.PriorWeight * ((numbers - start).square().mean() + numbers.narrow(1, 0, decoder.PriorLength).square().mean()));
            var value = loss.item<float>();
            if (value < best.Loss)
            {
                best = (value, numbers.detach().clone().MoveToOuterDisposeScope());
            }

            if (step % 10 == 0)
            {
                if (value > before * (1 - options.Tolerance))
                {
                    break;
                }

                before = value;
                context.Progress.Report(new StageProgress((double)step / options.Refinement));
            }

            loss.backward();
            adam.step();
        }

        return best.Numbers;
    }

    private Reconstruction Result(Scene scene, FaceCrop crop, Photograph photograph)
    {
        float[] Row(Tensor t) => t.contiguous().data<float>().ToArray();
        var identity = Row(scene.Chi.Identity);

        // Morph targets and exporters know nothing outside 0 to 1.
        var expression = Row(scene.Chi.Expression).Select(d => Math.Clamp(d, 0f, 1f)).ToArray();
        var albedo = Row(scene.Chi.Albedo);
        var camera = InPhotograph(scene.Chi.Camera.Pinhole(0), crop, photograph);
        var neutral = MemoryMarshal.Cast<float, Vector3>(Row(scene.Neutral)).ToArray();
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
    internal static PinholeCamera InPhotograph(PinholeCamera camera, FaceCrop crop, Photograph photograph)
    {
        var scale = crop.Size / Side;
        return camera.Rolled(-crop.Roll) with { Fx = scale * camera.Fx, Fy = scale * camera.Fy, Cx = photograph.Width / 2.0, Cy = photograph.Height / 2.0 };
    }
}
