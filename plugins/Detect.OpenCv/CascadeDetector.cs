using System.Numerics;

namespace MoSar.Detect.OpenCv;

/// <summary>
/// Viola–Jones as OpenCV implements it. It finds faces that look at the camera within about 40 degrees and stand upright within about
/// 15: the cascade was trained on such faces and roll is not searched, so every crop has roll 0. For others use <c>detect.locator</c>.
/// </summary>
public sealed class CascadeDetector : IFaceDetector, IDisposable
{
    private const string DefaultCascade = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml";

    /// <summary>From the cascade's box to <see cref="FaceCrop"/>: size and downward shift of the centre as parts of the box's side,
    /// medians over the training portraits.</summary>
    private const float CropPerBox = 1.675f, ShiftPerBox = 0.058f;

    /// <summary>Smallest side in pixels of the reduced picture: the cascade's own window is 20.</summary>
    private const int WindowSide = 20;

    private readonly CascadeOptions options;
    private readonly NativeCascade cascade;
    private readonly Lock gate = new();

    public CascadeDetector(CascadeOptions options)
    {
        this.options = options;
        var path = options.Cascade.Length == 0 ? DefaultCascade : options.Cascade;
        if (!File.Exists(path))
        {
            throw new MoSarException("cascade-missing", $"No face cascade '{path}'.", "apt-get install opencv-data, or set the option cascade.");
        }

        cascade = NativeCascade.Open(path);
    }

    public IReadOnlyList<FaceDetection> Run(Photograph input, StageContext context)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        var (grey, width, height) = GreyImage.Reduce(input.Pixels, options.SearchSide);
        var minimum = Math.Max(WindowSide, (int)(options.MinimumSize * Math.Min(width, height)));
        if (Math.Min(width, height) < WindowSide)
        {
            return [];
        }

        List<(float Left, float Top, float Width, float Height, float Weight)> boxes;
        lock (gate)
        {
            boxes = cascade.Detect(grey, width, height, options.ScaleStep, options.Neighbours, minimum);
        }

        // Both axes have their own factor: the reduced size is rounded to whole pixels.
        var toInput = new Vector2((float)input.Width / width, (float)input.Height / height);
        return [.. boxes.OrderByDescending(b => b.Width).ThenBy(b => b.Left).ThenBy(b => b.Top).Select(b => Convert(b, toInput))];
    }

    public void Dispose() => cascade.Dispose();

    private static FaceDetection Convert((float Left, float Top, float Width, float Height, float Weight) box, Vector2 toInput)
    {
        var centre = new Vector2(box.Left + (0.5f * box.Width), box.Top + (0.5f * box.Height) + (ShiftPerBox * box.Height));
        var crop = new FaceCrop(centre * toInput, CropPerBox * box.Width * toInput.X, 0);

        // The last stage's margin is about 0 at the threshold and seldom above 5; its logistic is a monotone confidence, not a probability.
        return new FaceDetection(crop, 1 / (1 + MathF.Exp(-box.Weight)));
    }
}
