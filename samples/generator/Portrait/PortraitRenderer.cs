using System.Numerics;
using MoSar.Graphics;
using MoSar.LightStage;

namespace MoSar.Samples.Portrait;

/// <summary>
/// Ray traces a portrait: soft boxes and a dim surround with shadows, one diffuse bounce, GGX skin highlights, Kajiya–Kay hair, and light
/// that spreads below the skin as a sum of Gaussians a channel (d'Eon and Luebke 2007) in the picture's plane.
/// </summary>
internal sealed class PortraitRenderer(Scene scene, RayScene rays, Skin skin, Eye[] eyes, SoftBox[] lights, PinholeCamera camera)
{
    private const float Near = 0.03f;
    private static readonly Vector3 Surround = new(0.20f, 0.21f, 0.23f);

    // Widths in mm and weights for red, green, blue.
    private static readonly (float Width, Vector3 Weight)[] Profile =
    [
        (0.08f, new(0.233f, 0.455f, 0.649f)), (0.22f, new(0.100f, 0.336f, 0.344f)), (0.43f, new(0.118f, 0.198f, 0f)), (0.75f, new(0.113f, 0.007f, 0.007f)),
        (1.40f, new(0.358f, 0.004f, 0f)), (2.70f, new(0.078f, 0f, 0f)),
    ];

    /// <returns>Linear picture, not tone-mapped.</returns>
    public Image Render(int width, int height, int samples, Func<Vector2, Vector3> background)
    {
        var direct = new Image(width, height, 3);
        var below = new Image(width, height, 3);
        var albedo = new Image(width, height, 3);
        var cover = new float[width * height];
        Parallel.For(0, height, y =>
        {
            var row = new Row(width, samples);
            TraceRow(row, y, width, samples, background);
            for (var x = 0; x < width; x++)
            {
                for (var s = 0; s < samples; s++)
                {
                    var i = (x * samples) + s;
                    Add(direct, x, y, row.Direct[i] / samples);
                    Add(below, x, y, row.Below[i] / samples);
                    Add(albedo, x, y, row.Albedo[i] / samples);
                    cover[(y * width) + x] += row.Cover[i] / samples;
                }
            }
        });
        return Scatter(direct, below, albedo, cover, PixelsPerMillimetre);
    }

    private float PixelsPerMillimetre => (float)camera.Fx / camera.Centre.Length();

    private void TraceRow(Row row, int y, int width, int samples, Func<Vector2, Vector3> background)
    {
        var n = width * samples;
        var eye = camera.Centre;
        for (var i = 0; i < n; i++)
        {
            var rng = new Rng((uint)((y * n) + i));
            row.Rng[i] = rng;

            // A tent filter of two pixels' width, stratified by sample.
            var s = i % samples;
            var side = (int)MathF.Sqrt(samples);
            var (a, b) = (((s % side) + row.Rng[i].Next()) / side, ((s / side) + row.Rng[i].Next()) / ((samples + side - 1) / side));
            static float Tent(float t) => t < 0.5f ? MathF.Sqrt(2 * t) - 1 : 1 - MathF.Sqrt(2 - (2 * t));
            var pixel = new Vector2((i / samples) + 0.5f + Tent(a), y + 0.5f + Tent(MathF.Min(b, 0.99999f)));
            var d = new Vector3((float)((pixel.X - camera.Cx) / camera.Fx), (float)((camera.Cy - pixel.Y) / camera.Fy), -1);
            row.Origin[i] = eye;
            row.Direction[i] = Vector3.Normalize(camera.RotateBack(d));
            row.Direct[i] = background(pixel);
        }

        row.Hits = rays.Closest(row.Origin, row.Direction, near: 1, coherent: true);
        var live = row.Live;
        live.Clear();
        for (var i = 0; i < n; i++)
        {
            if (row.Hits.Triangle[i] >= 0)
            {
                row.Points[i] = Surface(row, i);
                row.Direct[i] = Vector3.Zero;
                live.Add(i);
            }
        }

        foreach (var light in lights)
        {
            Illuminate(row, light);
        }

        Surroundings(row);
        Reflections(row);
    }

    private Point Surface(Row row, int i)
    {
        var triangle = row.Hits.Triangle[i];
        var position = row.Origin[i] + (row.Hits.Distance[i] * row.Direction[i]);
        var (normal, tint) = scene.At(triangle, row.Hits.U[i], row.Hits.V[i]);
        var view = -row.Direction[i];
        switch (scene.MaterialOf(triangle))
        {
            case Material.Skin:
                var sample = skin.At(position, tint.X);
                row.Cover[i] = 1;
                row.Albedo[i] = sample.Albedo;
                return new Point(Material.Skin, position, Facing(normal, view), Facing(Bumped(position, normal), view), view, sample.Albedo, sample.Specular, sample.Roughness);
            case Material.Eye:
                var ball = eyes[position.X > 0 ? 0 : 1];
                return new Point(Material.Eye, position, Facing(normal, view), ball.Normal(position), view, ball.Albedo(position, lights[0].Towards(position)), 0, 0);
            case Material.Mouth:
                return new Point(Material.Mouth, position, Facing(normal, view), Facing(normal, view), view, new Vector3(0.20f, 0.06f, 0.05f), 0.5f, 0.4f);
            case Material.Hair:
                return new Point(Material.Hair, position, view, normal, view, tint, 0, 0);
            default:
                var knit = 0.10f * Noise.Fractal(position / 1.1f, 2, 601);
                return new Point(Material.Cloth, position, Facing(normal, view), Facing(Vector3.Normalize(normal + (0.15f * new Vector3(Noise.Value(position / 1.3f, 611), Noise.Value(position / 1.3f, 613), Noise.Value(position / 1.3f, 615)))), view), view, tint * (1 + knit), 0, 0);
        }
    }

    private static Vector3 Facing(Vector3 normal, Vector3 view)
    {
        // Interpolated normals may point away from the camera at silhouettes; bend them back to grazing.
        var cos = Vector3.Dot(normal, view);
        return cos >= 0.02f ? normal : Vector3.Normalize(normal + ((0.02f - cos) * view));
    }

    private Vector3 Bumped(Vector3 p, Vector3 n)
    {
        const float step = 0.12f;
        var t = Vector3.Normalize(Vector3.Cross(MathF.Abs(n.Y) < 0.9f ? Vector3.UnitY : Vector3.UnitX, n));
        var b = Vector3.Cross(n, t);
        var h = skin.Height(p);
        var slope = (t * (skin.Height(p + (step * t)) - h)) + (b * (skin.Height(p + (step * b)) - h));
        return Vector3.Normalize(n - (slope / step));
    }

    private void Illuminate(Row row, SoftBox light)
    {
        var live = row.Live;
        var (starts, ways, ends) = (new Vector3[live.Count], new Vector3[live.Count], new float[live.Count]);
        for (var k = 0; k < live.Count; k++)
        {
            var i = live[k];
            starts[k] = Start(row.Points[i]);
            ways[k] = light.Point(row.Rng[i].Next(), row.Rng[i].Next()) - starts[k];
            ends[k] = 1;
        }

        var blocked = rays.Occluded(starts, ways, ends, Near / 500);
        for (var k = 0; k < live.Count; k++)
        {
            var i = live[k];
            var point = row.Points[i];
            var towards = Vector3.Normalize(ways[k]);
            var arriving = light.Arriving(starts[k], starts[k] + ways[k]);
            if (point.Material == Material.Hair)
            {
                // Hair passes some of its light on: a strand in the shade of another is dim, not black.
                row.Direct[i] += arriving * Hair(point, towards) * (blocked[k] != 0 ? 0.22f : 1f);
            }
            else if (blocked[k] == 0)
            {
                Reflect(row, i, point, towards, arriving);
            }
        }
    }

    private static void Reflect(Row row, int i, in Point point, Vector3 towards, Vector3 arriving)
    {
        var smooth = MathF.Max(0, Vector3.Dot(point.Normal, towards));
        switch (point.Material)
        {
            case Material.Skin:
                // Diffuse light has travelled below the surface, so pores shade it only in part.
                var cos = (0.55f * smooth) + (0.45f * MathF.Max(0, Vector3.Dot(point.Fine, towards)));
                row.Below[i] += arriving * (cos / MathF.PI);
                row.Direct[i] += arriving * Highlight(point, towards);
                break;
            case Material.Mouth:
                row.Direct[i] += arriving * ((point.Albedo * (smooth / MathF.PI)) + new Vector3(Highlight(point, towards)));
                break;
            case Material.Eye:
                // The white of the eye scatters light around its own edge of shade.
                row.Direct[i] += arriving * point.Albedo * (((0.75f * smooth) + (0.25f * (0.5f + (0.5f * Vector3.Dot(point.Normal, towards))))) / MathF.PI);
                break;
            default:
                var rough = MathF.Max(0, Vector3.Dot(point.Fine, towards));
                row.Direct[i] += arriving * point.Albedo * (rough / MathF.PI);
                break;
        }
    }

    // Two GGX lobes with Schlick's Fresnel, times the cosine.
    private static float Highlight(in Point point, Vector3 towards)
    {
        var n = point.Fine;
        float nl = Vector3.Dot(n, towards), nv = MathF.Max(0.02f, Vector3.Dot(n, point.View));
        if (nl <= 0)
        {
            return 0;
        }

        var h = Vector3.Normalize(towards + point.View);
        float nh = Vector3.Dot(n, h), vh = MathF.Max(0, Vector3.Dot(point.View, h));
        var fresnel = 0.028f + (0.972f * MathF.Pow(1 - vh, 5));
        float Lobe(float roughness)
        {
            var a = roughness * roughness;
            var a2 = a * a;
            var d = (nh * nh * (a2 - 1)) + 1;
            var k = a / 2;
            var g = 1 / (((nl * (1 - k)) + k) * ((nv * (1 - k)) + k));
            return a2 / (MathF.PI * d * d) * g * 0.25f;
        }

        return point.Specular * fresnel * nl * ((0.80f * Lobe(point.Roughness)) + (0.20f * Lobe(point.Roughness * 0.62f)));
    }

    private static Vector3 Hair(in Point point, Vector3 towards)
    {
        var t = point.Fine;
        float tl = Vector3.Dot(t, towards), tv = Vector3.Dot(t, point.View);
        float sinL = MathF.Sqrt(MathF.Max(0, 1 - (tl * tl))), sinV = MathF.Sqrt(MathF.Max(0, 1 - (tv * tv)));
        float Lobe(float shift, float width)
        {
            // Scales tilt the highlight towards the root; the second, coloured one has passed through the hair.
            var angle = MathF.Asin(Math.Clamp(tl, -1, 1)) + MathF.Asin(Math.Clamp(tv, -1, 1)) - (2 * shift);
            return MathF.Exp(-angle * angle / (2 * width * width)) / width;
        }

        var diffuse = point.Albedo * (0.34f * sinL);
        var first = new Vector3(0.0042f * Lobe(-0.05f, 0.14f) * sinV);
        var second = Vector3.SquareRoot(point.Albedo) * (0.022f * Lobe(0.08f, 0.26f) * sinV);
        return diffuse + first + second;
    }

    // Everything but the soft boxes: a dim grey room, and what other surfaces send back.
    private void Surroundings(Row row)
    {
        var live = row.Live;
        var (starts, ways) = (new Vector3[live.Count], new Vector3[live.Count]);
        for (var k = 0; k < live.Count; k++)
        {
            var i = live[k];
            var n = row.Points[i].Normal;
            var (a, b) = (row.Rng[i].Next(), row.Rng[i].Next());
            var (sin, cos) = MathF.SinCos(MathF.Tau * a);
            var r = MathF.Sqrt(b);
            var t = Vector3.Normalize(Vector3.Cross(MathF.Abs(n.Y) < 0.9f ? Vector3.UnitY : Vector3.UnitX, n));
            starts[k] = Start(row.Points[i]);
            ways[k] = Vector3.Normalize((r * cos * t) + (r * sin * Vector3.Cross(n, t)) + (MathF.Sqrt(1 - b) * n));
        }

        var hits = rays.Closest(starts, ways, Near);
        for (var k = 0; k < live.Count; k++)
        {
            var i = live[k];
            var point = row.Points[i];
            var incoming = hits.Triangle[k] < 0 ? Around(ways[k]) : Bounced(hits.Triangle[k]);
            if (point.Material == Material.Skin)
            {
                row.Below[i] += incoming;
                row.Direct[i] += incoming * (0.03f * MathF.Pow(1 - Math.Clamp(Vector3.Dot(point.Normal, point.View), 0, 1), 3) * (hits.Triangle[k] < 0 ? 1 : 0));
            }
            else
            {
                row.Direct[i] += incoming * point.Albedo * (point.Material == Material.Hair ? 0.8f : 1f);
            }
        }
    }

    private static Vector3 Around(Vector3 d) => Surround * (0.75f + (0.5f * Curve.Smooth(-0.6f, 0.9f, d.Y)));

    // One bounce, with a typical light on what is hit instead of another shadow ray.
    private Vector3 Bounced(int triangle) => scene.MaterialOf(triangle) switch
    {
        Material.Skin => new Vector3(0.50f, 0.28f, 0.20f) * 0.26f,
        Material.Eye => new Vector3(0.18f),
        Material.Mouth => new Vector3(0.05f, 0.015f, 0.012f),
        Material.Hair => new Vector3(0.03f, 0.022f, 0.016f),
        _ => scene.At(triangle, 0.33f, 0.33f).Tint * 0.28f,
    };

    // Wet eyes mirror the soft boxes.
    private void Reflections(Row row)
    {
        var wet = row.Live.Where(i => row.Points[i].Material == Material.Eye).ToArray();
        var starts = wet.Select(i => Start(row.Points[i])).ToArray();
        var ways = wet.Select(i => Vector3.Normalize((2 * Vector3.Dot(row.Points[i].Fine, row.Points[i].View) * row.Points[i].Fine) - row.Points[i].View)).ToArray();
        var hits = rays.Closest(starts, ways, Near);
        for (var k = 0; k < wet.Length; k++)
        {
            var i = wet[k];
            var cos = MathF.Max(0, Vector3.Dot(row.Points[i].Fine, row.Points[i].View));
            var fresnel = 0.025f + (0.975f * MathF.Pow(1 - cos, 5));
            var seen = hits.Triangle[k] >= 0 ? Bounced(hits.Triangle[k]) : lights.Aggregate(Around(ways[k]), (sum, light) => sum + light.Seen(starts[k], ways[k]));
            row.Direct[i] += fresnel * Vector3.Min(seen, new Vector3(60));
        }
    }

    private static Vector3 Start(in Point point) =>
        point.Position + (point.Material == Material.Hair ? 0.12f * point.View : (0.02f * point.Normal) + (0.02f * point.View));

    private static Image Scatter(Image direct, Image below, Image albedo, float[] cover, float pixelsPerMillimetre)
    {
        var (width, height) = (direct.Width, direct.Height);
        var spread = new Image(width, height, 3);
        foreach (var (millimetres, weight) in Profile)
        {
            var sigma = millimetres * pixelsPerMillimetre;
            var light = Blur(below.Pixels, 3, width, height, sigma);
            var mask = Blur(cover, 1, width, height, sigma);
            Parallel.For(0, height, y =>
            {
                for (var x = 0; x < width; x++)
                {
                    var i = (y * width) + x;
                    if (cover[i] > 0)
                    {
                        var l = new Vector3(light.AsSpan(i * 3, 3)) / MathF.Max(mask[i], 1e-4f);
                        Add(spread, x, y, l * weight);
                    }
                }
            });
        }

        var result = new Image(width, height, 3);
        Parallel.For(0, height * width, i =>
        {
            // The albedo buffer is already weighted by coverage.
            for (var c = 0; c < 3; c++)
            {
                result.Pixels[(i * 3) + c] = direct.Pixels[(i * 3) + c] + (albedo.Pixels[(i * 3) + c] * spread.Pixels[(i * 3) + c]);
            }
        });
        return result;
    }

    private static float[] Blur(float[] source, int channels, int width, int height, float sigma)
    {
        var radius = (int)MathF.Ceiling(3 * sigma);
        var kernel = new float[radius + 1];
        var sum = 0f;
        for (var k = 0; k <= radius; k++)
        {
            kernel[k] = MathF.Exp(-k * k / (2 * MathF.Max(1e-4f, sigma * sigma)));
            sum += k == 0 ? kernel[k] : 2 * kernel[k];
        }

        float[] Pass(float[] from, int along, int across, int stepAlong, int stepAcross)
        {
            var to = new float[from.Length];
            Parallel.For(0, across, line =>
            {
                for (var i = 0; i < along; i++)
                {
                    for (var c = 0; c < channels; c++)
                    {
                        var total = 0f;
                        for (var k = -radius; k <= radius; k++)
                        {
                            total += kernel[Math.Abs(k)] * from[(line * stepAcross) + (Math.Clamp(i + k, 0, along - 1) * stepAlong) + c];
                        }

                        to[(line * stepAcross) + (i * stepAlong) + c] = total / sum;
                    }
                }
            });
            return to;
        }

        return Pass(Pass(source, width, height, channels, width * channels), height, width, width * channels, channels);
    }

    private static void Add(Image image, int x, int y, Vector3 value)
    {
        image[x, y, 0] += value.X;
        image[x, y, 1] += value.Y;
        image[x, y, 2] += value.Z;
    }

    /// <param name="Normal">Smooth.</param>
    /// <param name="Fine">With pores; of a hair, its tangent.</param>
    private readonly record struct Point(Material Material, Vector3 Position, Vector3 Normal, Vector3 Fine, Vector3 View, Vector3 Albedo, float Specular, float Roughness);

    private sealed class Row(int width, int samples)
    {
        public readonly Rng[] Rng = new Rng[width * samples];
        public readonly Vector3[] Origin = new Vector3[width * samples];
        public readonly Vector3[] Direction = new Vector3[width * samples];
        public readonly Point[] Points = new Point[width * samples];
        public readonly Vector3[] Direct = new Vector3[width * samples];
        public readonly Vector3[] Below = new Vector3[width * samples];
        public readonly Vector3[] Albedo = new Vector3[width * samples];
        public readonly float[] Cover = new float[width * samples];
        public readonly List<int> Live = new(width * samples);

        public RayHits Hits { get; set; } = new([], [], [], []);
    }
}
