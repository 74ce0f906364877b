using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Graphics;

namespace MoSar.Learning.Data;

/// <summary>
/// A sample seen in a mirror: x → −x in head space, x → width − x in the picture, u → 1 − u in the atlas (the template's head is
/// symmetric about u = ½). The picture is then the mirrored head's, rendered by the mirrored camera under the mirrored light.
/// </summary>
public static class SampleMirror
{
    public static DatasetSample Of(DatasetSample sample)
    {
        var width = sample.Photograph?.Width ?? 0;
        return sample with
        {
            Photograph = Rows(sample.Photograph),
            Mask = Rows(sample.Mask),
            Labels = sample.Labels is { } l ? new PixelLabels(NegateX(Rows(l.Position)), NegateX(Rows(l.Normal)), OtherSide(Rows(l.Uv))) : null,
            Landmarks = sample.Landmarks is { } landmarks ? Of(landmarks, width) : null,
            Camera = sample.Camera is { } camera ? Of(camera, width) : null,
            Mesh = sample.Mesh is { } mesh ? Of(mesh) : null,
            Maps = sample.Maps.All.Values.Aggregate(MapSet.Empty, (set, map) => set.With(Of(map))),
            Light = sample.Light is { } light
                ? new SampleLight(
                    light.Harmonics is { } sh ? Of(sh) : null,
                    light.Environment is { } e ? e with { Yaw = -e.Yaw, IsMirrored = !e.IsMirrored } : null,
                    Rows(light.Panorama))
                : null,

            // The mirrored head's coefficients are others, and a linear basis need not have them at all; its mesh is the label.
            Identity = null,
            Expression = sample.Expression?.ToDictionary(e => OtherSide(e.Key), e => e.Value),
        };
    }

    /// <summary>Harmonics that are odd in x change sign: cos(mφ) for odd m, sin(|m|φ) for even m, because φ → π − φ.</summary>
    public static ShLight Of(ShLight light)
    {
        var mirrored = (Vector3[])light.Coefficients.Clone();
        for (var l = 0; l <= light.Bands; l++)
        {
            for (var m = -l; m <= l; m++)
            {
                if ((m < 0) != ((m & 1) == 1))
                {
                    mirrored[SphericalHarmonics.Index(l, m)] *= -1;
                }
            }
        }

        return new ShLight(mirrored);
    }

    /// <summary>R′ = M·R·M and t′ = M·t with M = diag(−1, 1, 1): M·X projects to the mirrored pixel.</summary>
    public static PinholeCamera Of(PinholeCamera camera, int width)
    {
        var r = camera.Rotation;
        return camera with
        {
            Cx = width - camera.Cx,
            Rotation = [r[0], -r[1], -r[2], -r[3], r[4], r[5], -r[6], r[7], r[8]],
            Translation = camera.Translation * new Vector3(-1, 1, 1),
        };
    }

    public static Mesh Of(Mesh mesh) =>
        mesh with { Positions = Array.ConvertAll(mesh.Template.Mirror, other => mesh.Positions[other] * new Vector3(-1, 1, 1)) };

    private static SampleLandmarks Of(SampleLandmarks landmarks, int width) => new(
        [.. Landmarks.Mirror.Select(other => new Vector2(width - landmarks.Points[other].X, landmarks.Points[other].Y))],
        [.. Landmarks.Mirror.Select(other => landmarks.Visible[other])]);

    private static Map Of(Map map)
    {
        var rows = Rows(map.Pixels)!;
        return map with { Pixels = SamplePreparation.IsNormals(map.Descriptor) ? NegateX(rows)! : rows };
    }

    /// <summary>ARKit's eyeBlinkLeft is the mirrored head's eyeBlinkRight.</summary>
    internal static string OtherSide(string expression) =>
        expression.Contains("Left", StringComparison.Ordinal) ? expression.Replace("Left", "Right", StringComparison.Ordinal)
        : expression.Replace("Right", "Left", StringComparison.Ordinal);

    private static Image? Rows(Image? image)
    {
        if (image is null)
        {
            return null;
        }

        var (n, pixels) = (image.Channels, GC.AllocateUninitializedArray<float>(image.Pixels.Length));
        var result = new Image(image.Width, image.Height, n, pixels);
        for (var y = 0; y < image.Height; y++)
        {
            if (n == 3)
            {
                MemoryMarshal.Cast<float, Vector3>(image.Row(y)).CopyTo(MemoryMarshal.Cast<float, Vector3>(result.Row(y)));
                MemoryMarshal.Cast<float, Vector3>(result.Row(y)).Reverse();
                continue;
            }

            for (var x = 0; x < image.Width; x++)
            {
                image.Row(y).Slice((image.Width - 1 - x) * n, n).CopyTo(result.Row(y)[(x * n)..]);
            }
        }

        return result;
    }

    // These two write into pictures that Rows has just made.
    private static Image? NegateX(Image? own)
    {
        if (own is not null)
        {
            for (var i = 0; i < own.Pixels.Length; i += own.Channels)
            {
                own.Pixels[i] = 0 - own.Pixels[i];
            }
        }

        return own;
    }

    private static Image? OtherSide(Image? own)
    {
        for (var i = 0; own is not null && i < own.Pixels.Length; i += own.Channels)
        {
            // (0, 0) is no head, and no head has a texel in that corner.
            if (own.Pixels[i] != 0 || own.Pixels[i + 1] != 0)
            {
                own.Pixels[i] = 1 - own.Pixels[i];
            }
        }

        return own;
    }
}
