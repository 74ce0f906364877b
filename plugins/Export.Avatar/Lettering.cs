using System.Numerics;

namespace MoSar.Plugins.Export;

/// <summary>
/// Lower-case labels for the contact sheet: a monoline alphabet drawn as strokes and arcs with antialiased edges, so that the plugin
/// needs no font file. x-height 1, ascenders to 1.5, descenders to −0.5, baseline 0. Characters it does not know leave a space.
/// </summary>
internal static class Lettering
{
    private const float Gap = 0.28f;
    private const float HalfStroke = 0.075f;
    private static readonly Dictionary<char, Glyph> Glyphs = MakeGlyphs();

    /// <param name="xHeight">Height of an x in pixels.</param>
    public static float Measure(string text, float xHeight) => xHeight * (text.Sum(c => Find(c).Advance + Gap) - Gap);

    /// <param name="origin">Left end of the baseline, in pixels.</param>
    /// <param name="colour">Linear.</param>
    public static void Draw(Image image, string text, Vector2 origin, float xHeight, Vector3 colour)
    {
        var pen = origin.X;
        foreach (var c in text)
        {
            var glyph = Find(c);
            DrawGlyph(image, glyph, new Vector2(pen, origin.Y), xHeight, colour);
            pen += xHeight * (glyph.Advance + Gap);
        }
    }

    private static Glyph Find(char c) => Glyphs.GetValueOrDefault(char.ToLowerInvariant(c), new Glyph(0.45f, []));

    private static void DrawGlyph(Image image, Glyph glyph, Vector2 origin, float xHeight, Vector3 colour)
    {
        var left = Math.Max(0, (int)(origin.X - (0.3f * xHeight)));
        var right = Math.Min(image.Width - 1, (int)(origin.X + ((glyph.Advance + 0.3f) * xHeight)));
        var top = Math.Max(0, (int)(origin.Y - (1.8f * xHeight)));
        var bottom = Math.Min(image.Height - 1, (int)(origin.Y + (0.8f * xHeight)));
        for (var y = top; y <= bottom; y++)
        {
            for (var x = left; x <= right; x++)
            {
                var p = new Vector2(x + 0.5f - origin.X, origin.Y - y - 0.5f) / xHeight;
                var distance = float.PositiveInfinity;
                foreach (var stroke in glyph.Strokes)
                {
                    distance = MathF.Min(distance, stroke.Distance(p));
                }

                var cover = Math.Clamp(((HalfStroke - distance) * xHeight) + 0.5f, 0f, 1f);
                if (cover > 0)
                {
                    image[x, y, 0] += cover * (colour.X - image[x, y, 0]);
                    image[x, y, 1] += cover * (colour.Y - image[x, y, 1]);
                    image[x, y, 2] += cover * (colour.Z - image[x, y, 2]);
                }
            }
        }
    }

    private static Dictionary<char, Glyph> MakeGlyphs()
    {
        static Stroke L(float x0, float y0, float x1, float y1) => Stroke.Line(new(x0, y0), new(x1, y1));
        static Stroke A(float cx, float cy, float rx, float ry, float from, float to) => Stroke.Arc(new(cx, cy), new(rx, ry), from, to);
        var bowl = A(0.45f, 0.5f, 0.45f, 0.5f, 0, 360);
        return new Dictionary<char, Glyph>
        {
            ['a'] = new(0.9f, [bowl, L(0.9f, 1, 0.9f, 0)]),
            ['b'] = new(0.9f, [bowl, L(0, 1.5f, 0, 0)]),
            ['c'] = new(0.8f, [A(0.45f, 0.5f, 0.45f, 0.5f, 45, 315)]),
            ['d'] = new(0.9f, [bowl, L(0.9f, 1.5f, 0.9f, 0)]),
            ['e'] = new(0.9f, [A(0.45f, 0.5f, 0.45f, 0.5f, 0, 315), L(0, 0.5f, 0.9f, 0.5f)]),
            ['f'] = new(0.5f, [A(0.45f, 1.22f, 0.25f, 0.28f, 60, 180), L(0.2f, 1.22f, 0.2f, 0), L(0, 1, 0.5f, 1)]),
            ['g'] = new(0.9f, [bowl, L(0.9f, 1, 0.9f, -0.1f), A(0.45f, -0.1f, 0.45f, 0.4f, 200, 360)]),
            ['h'] = new(0.8f, [L(0, 1.5f, 0, 0), A(0.4f, 0.6f, 0.4f, 0.4f, 0, 180), L(0.8f, 0.6f, 0.8f, 0)]),
            ['i'] = new(0.05f, [L(0.02f, 1, 0.02f, 0), L(0.02f, 1.38f, 0.02f, 1.4f)]),
            ['j'] = new(0.2f, [L(0.2f, 1, 0.2f, -0.25f), A(0, -0.25f, 0.2f, 0.25f, 270, 360), L(0.2f, 1.38f, 0.2f, 1.4f)]),
            ['k'] = new(0.7f, [L(0, 1.5f, 0, 0), L(0.65f, 1, 0, 0.38f), L(0.25f, 0.6f, 0.7f, 0)]),
            ['l'] = new(0.05f, [L(0.02f, 1.5f, 0.02f, 0)]),
            ['m'] = new(1.3f, [L(0, 1, 0, 0), A(0.325f, 0.65f, 0.325f, 0.35f, 0, 180), L(0.65f, 0.65f, 0.65f, 0), A(0.975f, 0.65f, 0.325f, 0.35f, 0, 180), L(1.3f, 0.65f, 1.3f, 0)]),
            ['n'] = new(0.8f, [L(0, 1, 0, 0), A(0.4f, 0.6f, 0.4f, 0.4f, 0, 180), L(0.8f, 0.6f, 0.8f, 0)]),
            ['o'] = new(0.9f, [bowl]),
            ['p'] = new(0.9f, [bowl, L(0, 1, 0, -0.5f)]),
            ['q'] = new(0.9f, [bowl, L(0.9f, 1, 0.9f, -0.5f)]),
            ['r'] = new(0.45f, [L(0, 1, 0, 0), A(0.4f, 0.55f, 0.4f, 0.45f, 80, 180)]),
            ['s'] = new(0.66f, [A(0.33f, 0.75f, 0.28f, 0.25f, 35, 270), A(0.33f, 0.25f, 0.31f, 0.25f, -145, 90)]),
            ['t'] = new(0.5f, [L(0.2f, 1.35f, 0.2f, 0.25f), A(0.45f, 0.25f, 0.25f, 0.25f, 180, 290), L(0, 1, 0.5f, 1)]),
            ['u'] = new(0.8f, [L(0, 1, 0, 0.4f), A(0.4f, 0.4f, 0.4f, 0.4f, 180, 360), L(0.8f, 1, 0.8f, 0)]),
            ['v'] = new(0.8f, [L(0, 1, 0.4f, 0), L(0.4f, 0, 0.8f, 1)]),
            ['w'] = new(1.2f, [L(0, 1, 0.3f, 0), L(0.3f, 0, 0.6f, 1), L(0.6f, 1, 0.9f, 0), L(0.9f, 0, 1.2f, 1)]),
            ['x'] = new(0.75f, [L(0, 1, 0.75f, 0), L(0, 0, 0.75f, 1)]),
            ['y'] = new(0.8f, [L(0, 1, 0.42f, 0), L(0.8f, 1, 0.2f, -0.5f)]),
            ['z'] = new(0.7f, [L(0, 1, 0.7f, 1), L(0.7f, 1, 0, 0), L(0, 0, 0.7f, 0)]),
            ['0'] = new(0.85f, [A(0.425f, 0.75f, 0.425f, 0.75f, 0, 360)]),
            ['1'] = new(0.4f, [L(0.35f, 1.5f, 0.35f, 0), L(0.35f, 1.5f, 0, 1.2f)]),
            ['2'] = new(0.8f, [A(0.4f, 1.1f, 0.38f, 0.4f, -35, 170), L(0.72f, 0.88f, 0, 0), L(0, 0, 0.8f, 0)]),
            ['3'] = new(0.8f, [A(0.38f, 1.13f, 0.34f, 0.37f, -90, 150), A(0.38f, 0.38f, 0.4f, 0.38f, -150, 90)]),
            ['4'] = new(0.85f, [L(0.6f, 1.5f, 0, 0.45f), L(0, 0.45f, 0.85f, 0.45f), L(0.63f, 1, 0.63f, 0)]),
            ['5'] = new(0.8f, [L(0.72f, 1.5f, 0.1f, 1.5f), L(0.1f, 1.5f, 0.06f, 0.82f), A(0.36f, 0.47f, 0.42f, 0.47f, -140, 130)]),
            ['6'] = new(0.85f, [A(0.425f, 0.47f, 0.425f, 0.47f, 0, 360), L(0.05f, 0.7f, 0.55f, 1.5f)]),
            ['7'] = new(0.75f, [L(0, 1.5f, 0.75f, 1.5f), L(0.75f, 1.5f, 0.2f, 0)]),
            ['8'] = new(0.85f, [A(0.425f, 1.13f, 0.34f, 0.37f, 0, 360), A(0.425f, 0.38f, 0.42f, 0.38f, 0, 360)]),
            ['9'] = new(0.85f, [A(0.425f, 1.03f, 0.425f, 0.47f, 0, 360), L(0.8f, 0.8f, 0.3f, 0)]),
            ['-'] = new(0.5f, [L(0, 0.55f, 0.5f, 0.55f)]),
            ['_'] = new(0.7f, [L(0, -0.15f, 0.7f, -0.15f)]),
            ['.'] = new(0.05f, [L(0.02f, 0, 0.02f, 0.02f)]),
            [','] = new(0.1f, [L(0.06f, 0.02f, 0, -0.22f)]),
            ['+'] = new(0.7f, [L(0, 0.55f, 0.7f, 0.55f), L(0.35f, 0.2f, 0.35f, 0.9f)]),
        };
    }

    private sealed record Glyph(float Advance, Stroke[] Strokes);

    /// <summary>A polyline; arcs are cut into chords of a few degrees.</summary>
    private sealed record Stroke(Vector2[] Points)
    {
        public static Stroke Line(Vector2 a, Vector2 b) => new([a, b]);

        public static Stroke Arc(Vector2 centre, Vector2 radius, float fromDegrees, float toDegrees)
        {
            var steps = Math.Max(2, (int)((toDegrees - fromDegrees) / 12));
            var points = new Vector2[steps + 1];
            for (var i = 0; i <= steps; i++)
            {
                var (sin, cos) = MathF.SinCos(float.DegreesToRadians(fromDegrees + ((toDegrees - fromDegrees) * i / steps)));
                points[i] = centre + (radius * new Vector2(cos, sin));
            }

            return new Stroke(points);
        }

        public float Distance(Vector2 p)
        {
            var best = float.PositiveInfinity;
            for (var i = 0; i + 1 < Points.Length; i++)
            {
                var (a, d) = (Points[i], Points[i + 1] - Points[i]);
                var along = Math.Clamp(Vector2.Dot(p - a, d) / MathF.Max(d.LengthSquared(), 1e-12f), 0f, 1f);
                best = MathF.Min(best, Vector2.DistanceSquared(p, a + (along * d)));
            }

            return MathF.Sqrt(best);
        }
    }
}
