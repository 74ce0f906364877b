using System.Numerics;
using MoSar.Graphics;
using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Locating;

/// <summary>
/// Faces by <see cref="LocatorNetwork"/>: once over the whole picture (letterboxed to a square), then once more at every place found, upright and
/// at the size the network knows best. The second look refines place, size and roll, and rejects most false alarms.
/// </summary>
public sealed class FaceLocator : IFaceDetector, IDisposable
{
    private const int Side = LocatorNetwork.InputSide, Grid = LocatorNetwork.GridSide;

    /// <summary>Side of the second look over the face's crop.</summary>
    private const float SecondLook = 2.0f;

    /// <summary>Most places that get a second look, the most confident ones.</summary>
    private const int MostFaces = 24;

    private readonly LocatorOptions options;
    private readonly LocatorNetwork network;
    private readonly Lock gate = new();

    /// <exception cref="MoSarException">The weights are missing, broken or another network's.</exception>
    public FaceLocator(LocatorOptions options)
    {
        this.options = options;
        network = new LocatorNetwork();
        network.LoadWeights(options.Weights);
        network.eval();
        network.to_channels_last();
    }

    public IReadOnlyList<FaceDetection> Run(Photograph input, StageContext context)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        var whole = new FaceCrop(new Vector2(input.Width, input.Height) / 2, Math.Max(input.Width, input.Height), 0);
        var faces = new List<FaceDetection>();
        foreach (var (place, first) in Look(input.Pixels, whole, (float)options.FirstThreshold).Take(MostFaces))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var near = Look(input.Pixels, place with { Size = place.Size * SecondLook }, (float)options.FirstThreshold);

            // Of several faces in the second look, the one it is about lies in the middle and has the expected size.
            var again = near.Where(f => Vector2.Distance(f.Crop.Centre, place.Centre) < 0.35f * place.Size && f.Crop.Size > 0.5f * place.Size && f.Crop.Size < 2 * place.Size)
                .OrderByDescending(f => f.Confidence).FirstOrDefault();
            var confidence = MathF.Sqrt(first * again.Confidence);
            if (confidence >= options.Threshold && faces.All(f => Vector2.Distance(f.Crop.Centre, again.Crop.Centre) > 0.3f * MathF.Max(f.Crop.Size, again.Crop.Size)))
            {
                faces.Add(new FaceDetection(again.Crop, confidence));
            }
        }

        return [.. faces.OrderByDescending(f => f.Crop.Size)];
    }

    public void Dispose() => network.Dispose();

    /// <summary>Faces in a square region, in input pixels, the most confident first.</summary>
    private IEnumerable<(FaceCrop Crop, float Confidence)> Look(Image image, FaceCrop region, float threshold)
    {
        var planes = new float[3 * Side * Side];
        CropSampler.WarpPlanar(image, region, Side, planes);
        for (var i = 0; i < planes.Length; i++)
        {
            planes[i] = (2 * planes[i]) - 1;
        }

        return LocatorDecoder.Decode(Forward(planes), Grid, threshold)
            .Select(f => (new FaceCrop(region.ToPixel(f.Crop.Centre), f.Crop.Size * region.Size, f.Crop.Roll + region.Roll), f.Confidence));
    }

    private float[] Forward(float[] planes)
    {
        lock (gate)
        {
            using var scope = NewDisposeScope();
            using var frozen = no_grad();
            return network.call(tensor(planes, [1, 3, Side, Side]).to_channels_last()).contiguous().data<float>().ToArray();
        }
    }
}
