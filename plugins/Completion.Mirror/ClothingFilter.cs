using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Completion;

/// <summary>
/// Takes back neck texels that are not skin: collar, hair, background beside the jaw. Skin is what has the face's chromaticity (robust: median and
/// median deviation over the face) and a brightness not far from it, and hangs together with the face without a gap.
/// </summary>
internal static class ClothingFilter
{
    // In median deviations; the floor keeps a very even face from refusing its own neck.
    private const float Deviations = 5;
    private const float DeviationFloor = 0.012f;
    private const float Darkest = 0.1f;
    private const float Brightest = 2.2f;

    // Texels of a 1024 atlas: collars shine and shade beyond their edge.
    private const int Margin = 5;

    public static void Apply(Canvas canvas, FaceTemplate template, CancellationToken cancellation)
    {
        if (!template.Regions.TryGetValue("face", out var face) || !template.Regions.TryGetValue("neck", out var neck))
        {
            return;
        }

        var (atlas, size) = (canvas.Atlas, canvas.Size);
        var (faceAt, neckAt) = (atlas.Interpolate(face, cancellation), atlas.Interpolate(neck, cancellation));
        var sample = Enumerable.Range(0, faceAt.Length).Where(k => k % 7 == 0 && faceAt[k] > 0.95f && canvas.Seen[atlas.Covered[k]]).Select(k => Features(canvas.Root(atlas.Covered[k]))).ToArray();
        if (sample.Length < 100)
        {
            return;
        }

        var middle = Median(sample);
        var spread = Vector3.Max(Median([.. sample.Select(f => Vector3.Abs(f - middle))]), new Vector3(DeviationFloor));
        var alien = new float[size * size];
        for (var k = 0; k < neckAt.Length; k++)
        {
            var texel = atlas.Covered[k];
            if (neckAt[k] > 0.2f && canvas.Seen[texel])
            {
                var f = Features(canvas.Root(texel));
                var off = Vector3.Abs(f - middle) / spread;
                alien[texel] = off.X > Deviations || off.Y > Deviations || f.Z < Darkest * middle.Z || f.Z > Brightest * middle.Z ? 1 : 0;
            }
        }

        // A quarter of aliens around it condemns a texel; a stray mole does not.
        var crowd = BoxAverage.Over(alien, atlas.Triangle, size, Math.Max(1, Margin * size / 1024));
        var skin = new bool[size * size];
        for (var k = 0; k < neckAt.Length; k++)
        {
            var texel = atlas.Covered[k];
            skin[texel] = canvas.Seen[texel] && (neckAt[k] <= 0.2f || crowd[texel] < 0.25f);
        }

        var reached = Reach(skin, atlas, faceAt, size);
        var inNeck = new bool[size * size];
        for (var k = 0; k < neckAt.Length; k++)
        {
            inNeck[atlas.Covered[k]] = neckAt[k] > 0.2f;
        }

        canvas.Reject(texel => inNeck[texel] && !reached[texel]);
    }

    // Chromaticity r, g and the linear sum.
    private static Vector3 Features(Vector3 root)
    {
        var linear = root * root;
        var sum = MathF.Max(linear.X + linear.Y + linear.Z, 1e-4f);
        return new Vector3(linear.X / sum, linear.Y / sum, sum);
    }

    private static Vector3 Median(Vector3[] values)
    {
        float Middle(Func<Vector3, float> of) => values.Select(of).Order().ElementAt(values.Length / 2);
        return new Vector3(Middle(v => v.X), Middle(v => v.Y), Middle(v => v.Z));
    }

    // What skin texels can be reached from the face over skin texels.
    private static bool[] Reach(bool[] skin, AtlasRaster atlas, float[] faceAt, int size)
    {
        var reached = new bool[skin.Length];
        var queue = new Stack<int>();
        void Visit(int texel)
        {
            if (skin[texel] && !reached[texel])
            {
                reached[texel] = true;
                queue.Push(texel);
            }
        }

        for (var k = 0; k < faceAt.Length; k++)
        {
            if (faceAt[k] > 0.5f)
            {
                Visit(atlas.Covered[k]);
            }
        }

        while (queue.TryPop(out var texel))
        {
            var x = texel % size;
            if (x > 0)
            {
                Visit(texel - 1);
            }

            if (x + 1 < size)
            {
                Visit(texel + 1);
            }

            if (texel >= size)
            {
                Visit(texel - size);
            }

            if (texel + size < skin.Length)
            {
                Visit(texel + size);
            }
        }

        return reached;
    }
}
