using System.Numerics;

namespace MoSar.LightStage.Skins;

/// <summary>
/// Small things on the skin, drawn into the atlas at their true size: dots (freckles, moles, pores of a beard) and strokes (hairs). Directions
/// and sizes are millimetres on the mean head. Overlapping stamps of a layer cover each other: 1 − (1 − a)(1 − b).
/// </summary>
internal sealed class Stamps(SkinSpace space)
{
    /// <summary>Coverage in [0, 1] by texel of the space.</summary>
    public float[] Coverage { get; } = new float[space.Count];

    /// <summary>A round spot with a soft edge.</summary>
    /// <param name="at">Texel of its middle.</param>
    /// <param name="radius">mm.</param>
    /// <param name="strength">Coverage in the middle.</param>
    /// <param name="edge">Part of the radius over which it fades.</param>
    /// <param name="added">Told each texel that it covers, and by how much more than before.</param>
    public void Dot(int at, float radius, float strength, float edge = 0.6f, Action<int, float>? added = null) =>
        Cover(at, radius, p => strength * Curve.Smooth(radius, radius * (1 - edge), p.Length()), added);

    /// <summary>A hair that lies on the skin and gets thinner to its tip.</summary>
    /// <param name="root">Texel.</param>
    /// <param name="direction">mm; its part along the skin counts.</param>
    /// <param name="length">mm.</param>
    /// <param name="width">mm at the root.</param>
    /// <param name="strength">Coverage of a texel that the hair fills.</param>
    public void Stroke(int root, Vector3 direction, float length, float width, float strength)
    {
        var (right, down) = space.Frame(root);
        var along = Flatten(direction, right, down);
        if (along == Vector2.Zero)
        {
            return;
        }

        // A hair thinner than a texel covers the part of it that it is wide.
        var texel = MathF.Sqrt(MathF.Max(1e-6f, space.Area(root)));
        var drawn = MathF.Max(width, 0.9f * texel);
        var faint = strength * width / drawn;
        Cover(root, length, p =>
        {
            var t = Vector2.Dot(p, along) / length;
            var off = MathF.Abs((p.X * along.Y) - (p.Y * along.X));
            return t is < 0 or > 1 ? 0 : faint * (1 - (0.6f * t)) * Curve.Smooth(drawn, 0.25f * drawn, off);
        });
    }

    /// <summary>Picks texels at random, as dense per mm² as asked; the same for a seed at any resolution only in the mean.</summary>
    /// <param name="density">Expected number per mm² by texel.</param>
    public static List<int> Scatter(SkinSpace space, Func<int, float> density, ref Rng rng)
    {
        var found = new List<int>();
        for (var k = 0; k < space.Count; k++)
        {
            var expected = density(k);
            if (expected > 0)
            {
                expected *= space.Area(k);
                while (expected > 0 && rng.Next() < expected)
                {
                    found.Add(k);
                    expected -= 1;
                }
            }
        }

        return found;
    }

    // Unit vector in the surface's own millimetres (x along the texel's right), zero when the direction points out of the skin.
    private static Vector2 Flatten(Vector3 direction, Vector3 right, Vector3 down)
    {
        var x = right.Length();
        if (x < 1e-6f)
        {
            return Vector2.Zero;
        }

        var ex = right / x;
        var ey = down - (Vector3.Dot(down, ex) * ex);
        var y = ey.Length();
        var flat = y < 1e-6f ? Vector2.Zero : new Vector2(Vector3.Dot(direction, ex), Vector3.Dot(direction, ey / y));
        return flat.LengthSquared() < 1e-8f ? Vector2.Zero : Vector2.Normalize(flat);
    }

    // Calls for every texel around, with its place in the surface's millimetres relative to the middle.
    private void Cover(int at, float reach, Func<Vector2, float> coverage, Action<int, float>? added = null)
    {
        var (right, down) = space.Frame(at);
        var (x, shear) = (right.Length(), 0f);
        if (x < 1e-6f)
        {
            return;
        }

        shear = Vector3.Dot(down, right / x);
        var y = (down - (shear * right / x)).Length();
        if (y < 1e-6f)
        {
            return;
        }

        var size = space.Atlas.Resolution;
        var (column, row) = (space.Atlas.Covered[at] % size, space.Atlas.Covered[at] / size);
        var tall = (int)MathF.Ceiling(reach / y);
        for (var j = -tall; j <= tall; j++)
        {
            var centre = -shear * j / x;
            var wide = reach / x;
            for (var i = (int)MathF.Floor(centre - wide); i <= (int)MathF.Ceiling(centre + wide); i++)
            {
                var k = space.At(column + i, row + j);
                if (k >= 0)
                {
                    var c = coverage(new Vector2((x * i) + (shear * j), y * j));
                    if (c > 0)
                    {
                        var before = Coverage[k];
                        Coverage[k] = 1 - ((1 - before) * (1 - Math.Min(c, 1)));
                        added?.Invoke(k, Coverage[k] - before);
                    }
                }
            }
        }
    }
}
