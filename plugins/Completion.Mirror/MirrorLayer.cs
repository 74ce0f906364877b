using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Completion;

/// <summary>Fills from the other side of the face.</summary>
internal static class MirrorLayer
{
    // The two sides never agree pore by pore; only the difference of colour may be carried over. Texels of a 1024 atlas.
    private const int Blur = 7;

    public static void Add(Canvas canvas, Vector3[] vertexIrradiance, CancellationToken cancellation)
    {
        var (atlas, size) = (canvas.Atlas, canvas.Size);
        var irradiance = atlas.Scatter(atlas.Interpolate(vertexIrradiance, cancellation));
        var (mirrored, layer) = (new Image(size, size, 3), new bool[size * size]);
        var state = new FillState[size * size];
        atlas.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var texel = atlas.Covered[k];
                var twin = (texel / size * size) + size - 1 - (texel % size);
                if (!canvas.Settled[twin])
                {
                    continue;
                }

                // The other side has the other side's light.
                var ratio = new Vector3(irradiance.Pixels.AsSpan(3 * texel, 3)) / new Vector3(irradiance.Pixels.AsSpan(3 * twin, 3));
                var value = canvas.Root(twin) * Vector3.SquareRoot(Vector3.Clamp(ratio, new Vector3(0.5f), new Vector3(2)));
                value.CopyTo(mirrored.Pixels, 3 * texel);
                layer[texel] = !canvas.Settled[texel];
                state[texel] = layer[texel] ? FillState.Unknown : FillState.Known;
            }
        });

        var difference = Difference(canvas, mirrored, state, cancellation);
        HarmonicFill.Fill(difference, state, cancellation: cancellation);
        atlas.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var at = 3 * atlas.Covered[k];
                if (layer[atlas.Covered[k]])
                {
                    (new Vector3(mirrored.Pixels.AsSpan(at, 3)) + new Vector3(difference.Pixels.AsSpan(at, 3))).CopyTo(canvas.Roots.Pixels, at);
                }
            }
        });
        canvas.Settle(layer);
    }

    // Photograph minus its own mirror image where both are seen, smoothed.
    private static Image Difference(Canvas canvas, Image mirrored, FillState[] state, CancellationToken cancellation)
    {
        var size = canvas.Size;
        var result = new Image(size, size, 3);
        var mask = state.Select(s => s == FillState.Known ? 0 : -1).ToArray();
        var radius = Math.Max(1, Blur * size / 1024);
        for (var c = 0; c < 3; c++)
        {
            cancellation.ThrowIfCancellationRequested();
            var channel = new float[size * size];
            for (var i = 0; i < channel.Length; i++)
            {
                channel[i] = mask[i] == 0 ? canvas.Roots.Pixels[(3 * i) + c] - mirrored.Pixels[(3 * i) + c] : 0;
            }

            var smooth = BoxAverage.Over(channel, mask, size, radius);
            for (var i = 0; i < smooth.Length; i++)
            {
                result.Pixels[(3 * i) + c] = mask[i] == 0 ? smooth[i] : 0;
            }
        }

        return result;
    }
}
