using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Learning.Data;

/// <summary>One draw of what section 4 calls standard augmentation.</summary>
/// <param name="Gain">Factor on the light.</param>
/// <param name="Roll">Radians that the crop is turned clockwise; its content turns the other way.</param>
/// <param name="Scale">Factor on the content's size.</param>
/// <param name="Flip">Mirrored.</param>
public sealed record AugmentationDraw(float Gain, float Roll, float Scale, bool Flip)
{
    /// <summary>Where the crop goes, parts of its side along its own axes; the content goes the other way.</summary>
    public Vector2 Shift { get; init; }

    public static AugmentationDraw None { get; } = new(1, 0, 1, false);
}

/// <summary>Brightness, rotation, scale, shift and flip, with every label carried along. Pure functions.</summary>
public static class Augmentation
{
    /// <summary>The same seed draws the same, whatever was drawn before.</summary>
    public static AugmentationDraw Draw(AugmentationOptions options, ulong seed)
    {
        // Seeds that follow one another would start neighbouring sequences.
        var random = new SplitMix(SplitMix.Mix(seed ^ 0x5DEECE66D));
        return new AugmentationDraw(
            (float)Math.Pow(2, options.Brightness * random.NextSigned()),
            (float)(options.Rotation * Math.PI / 180 * random.NextSigned()),
            (float)(1 + (options.Scale * random.NextSigned())),
            random.NextDouble() < options.Flip)
        {
            Shift = (float)options.Shift * new Vector2((float)random.NextSigned(), (float)random.NextSigned()),
        };
    }

    /// <param name="sample">Prepared: its photograph is square.</param>
    /// <param name="draw">What to do to it.</param>
    /// <param name="side">Pixels of the delivered photograph; at most those of the prepared one, whose margin is cut away.</param>
    public static DatasetSample Apply(DatasetSample sample, AugmentationDraw draw, int side)
    {
        if (sample.Photograph is { } picture && (picture.Width != side || draw.Roll != 0 || draw.Scale != 1 || draw.Shift != Vector2.Zero))
        {
            var whole = new FaceCrop(new Vector2(picture.Width, picture.Height) / 2, side / draw.Scale, draw.Roll);
            sample = SampleGeometry.Crop(sample, whole with { Centre = whole.ToPixel(new Vector2(0.5f) + draw.Shift) }, side);
        }

        sample = draw.Flip ? SampleMirror.Of(sample) : sample;
        return draw.Gain == 1 ? sample : Brighten(sample, draw.Gain);
    }

    /// <summary>Brighter light: albedo stays, so the light's labels change with the picture. What exceeds white is clipped, as a camera does.</summary>
    private static DatasetSample Brighten(DatasetSample sample, float gain) => sample with
    {
        Photograph = sample.Photograph is { } p ? new Image(p.Width, p.Height, p.Channels, Clipped(p.Pixels, gain)) : null,
        Light = sample is { Light: { } light, Photograph: not null }
            ? light with
            {
                Harmonics = light.Harmonics is { } sh ? new ShLight(Array.ConvertAll(sh.Coefficients, c => gain * c)) : null,
                Environment = light.Environment is { } e ? e with { Exposure = gain * e.Exposure } : null,
            }
            : sample.Light,
    };

    private static float[] Clipped(float[] values, float gain)
    {
        var result = GC.AllocateUninitializedArray<float>(values.Length);
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Min(gain * new Vector<float>(values, i), Vector<float>.One).CopyTo(result, i);
        }

        for (; i < values.Length; i++)
        {
            result[i] = MathF.Min(gain * values[i], 1);
        }

        return result;
    }
}
