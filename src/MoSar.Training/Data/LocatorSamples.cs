using System.Numerics;
using MoSar.Learning.Networks;
using MoSar.Training.Synthetic;

namespace MoSar.Training.Data;

/// <summary>One item for the locator.</summary>
/// <param name="Planes">3·256·256 in [−1, 1].</param>
/// <param name="Heat">32·32: 1 where a face's centre is, falling off around it.</param>
/// <param name="Values">5·32·32: offset x, y; ln size; cos, sin of the roll.</param>
/// <param name="Near">32·32: weight of <paramref name="Values"/>.</param>
internal sealed record LocatorSample(float[] Planes, float[] Heat, float[] Values, float[] Near);

/// <summary>
/// Draws whole pictures: backgrounds with none to three synthetic heads anywhere, at any size from 8 % of the frame, turned up to 48
/// degrees; and training portraits as they are, zoomed and turned. A quarter show no face.
/// </summary>
internal sealed class LocatorSamples
{
    private const int Side = LocatorNetwork.InputSide, Grid = LocatorNetwork.GridSide;

    /// <summary>Sides of a face's crop in pixels of the network's input: a face of 8 % of the frame, brows to chin two thirds of it, has 27.</summary>
    private const float Smallest = 24, Largest = 380;

    private const int PortraitSide = 400;

    private readonly IReadOnlyList<Cutout> cutouts;
    private readonly IReadOnlyList<Tile> backgrounds;
    private readonly List<(Tile Tile, FaceCrop Crop)> portraits;

    public LocatorSamples(IReadOnlyList<Cutout> cutouts, IReadOnlyList<Tile> backgrounds, IReadOnlyList<TrainingPortrait> portraits)
    {
        (this.cutouts, this.backgrounds) = (cutouts, backgrounds);
        this.portraits = [.. portraits.Select(Prepare)];
    }

    /// <summary>The sample of a number; the same number gives the same sample.</summary>
    public LocatorSample Draw(int number)
    {
        var random = new Random(unchecked((number * (int)0x85EBCA6B) ^ 0x2C1B3C6D));
        var planes = new float[3 * Side * Side];
        var faces = new List<FaceCrop>();
        if (random.Chance(portraits.Count == 0 ? 0 : 0.22))
        {
            PaintPortrait(planes, faces, random);
        }
        else
        {
            PaintBackground(planes, backgrounds[random.Next(backgrounds.Count)], random, 0.15f, 1.3f);
        }

        var heads = random.NextSingle() switch { < 0.27f => 0, < 0.75f => 1, < 0.92f => 2, _ => 3 };
        for (var i = faces.Count; i < heads; i++)
        {
            AddHead(planes, faces, random);
        }

        Photometry.Disturb(planes, Side, random, occlude: faces.Count > 0 && random.Chance(0.3));
        for (var i = 0; i < planes.Length; i++)
        {
            planes[i] = (2 * Math.Clamp(planes[i], 0, 1)) - 1;
        }

        return Label(planes, faces);
    }

    /// <summary>The whole photograph, letterboxed, beyond its edges transparent.</summary>
    private static (Tile, FaceCrop) Prepare(TrainingPortrait p)
    {
        float width = p.Pixels.Width, height = p.Pixels.Height, side = MathF.Max(width, height);
        var all = new FaceCrop(new Vector2(width, height) / 2, side, 0);
        var tile = p.Cut(all, PortraitSide);
        for (var i = 0; i < PortraitSide * PortraitSide; i++)
        {
            var pixel = all.ToPixel(new Vector2(((i % PortraitSide) + 0.5f) / PortraitSide, ((i / PortraitSide) + 0.5f) / PortraitSide));
            if (pixel.X < 0 || pixel.Y < 0 || pixel.X > width || pixel.Y > height)
            {
                tile.Rgba[(4 * i) + 3] = 0;
            }
        }

        var scale = PortraitSide / side;
        return (tile, new FaceCrop(all.FromPixel(p.Crop.Centre) * PortraitSide, p.Crop.Size * scale, p.Crop.Roll));
    }

    private void PaintPortrait(float[] planes, List<FaceCrop> faces, Random random)
    {
        var (tile, crop) = portraits[random.Next(portraits.Count)];

        // Half as a portrait is taken, half any zoom and turn; beyond the photograph a background.
        PaintBackground(planes, backgrounds[random.Next(backgrounds.Count)], random, 0.15f, 1.3f);
        var free = random.Chance(0.5);
        var size = free ? AnySize(random) : crop.Size * Side / PortraitSide * random.Uniform(0.85f, 1.2f);
        var centre = free ? AnyCentre(random, size) : (crop.Centre * ((float)Side / PortraitSide)) + new Vector2(random.Uniform(-20, 20), random.Uniform(-20, 20));
        var roll = (free ? Roll(random) : 0.1f * random.Normal()) + crop.Roll;
        Place(planes, faces, tile, crop, new FaceCrop(centre, size, roll), random.Chance(0.5));
    }

    private void AddHead(float[] planes, List<FaceCrop> faces, Random random)
    {
        var c = cutouts[random.Next(cutouts.Count)];
        for (var attempt = 0; attempt < 8; attempt++)
        {
            var size = AnySize(random);
            var target = new FaceCrop(AnyCentre(random, size), size, c.Crop.Roll + Roll(random));

            // Two heads in one place have no right answer.
            if (faces.All(f => Vector2.Distance(f.Centre, target.Centre) > 0.45f * (f.Size + target.Size)))
            {
                Place(planes, faces, new Tile(Cutout.Side, Cutout.Side, c.Rgba), c.Crop, target, random.Chance(0.5));
                return;
            }
        }
    }

    private static float AnySize(Random random) => Smallest * MathF.Exp(MathF.Log(Largest / Smallest) * MathF.Pow(random.NextSingle(), 0.9f));

    private static Vector2 AnyCentre(Random random, float size)
    {
        // Small faces anywhere; large ones so that most of the face is in the picture.
        var margin = MathF.Min(0.3f * size, 0.4f * Side);
        return new Vector2(random.Uniform(margin, Side - margin), random.Uniform(margin, Side - margin));
    }

    private static float Roll(Random random) => (random.Chance(0.5) ? 9 * random.Normal() : random.Uniform(-48, 48)) * MathF.PI / 180;

    /// <summary>Draws a tile so that its face's crop becomes the target.</summary>
    private static void Place(float[] planes, List<FaceCrop> faces, Tile tile, FaceCrop from, FaceCrop to, bool mirror)
    {
        if (mirror)
        {
            tile = Mirror(tile);
            from = new FaceCrop(new Vector2(tile.Width - from.Centre.X, from.Centre.Y), from.Size, -from.Roll);
        }

        var shrink = from.Size / to.Size;
        while (shrink > 1.5f)
        {
            tile = Halve(tile);
            from = new FaceCrop(from.Centre / 2, from.Size / 2, from.Roll);
            shrink /= 2;
        }

        // Only where the tile can reach: its diagonal around its own middle.
        var (sin, cos) = MathF.SinCos(from.Roll - to.Roll);
        var reach = 0.5f * MathF.Sqrt((tile.Width * tile.Width) + (tile.Height * tile.Height)) / shrink;
        var away = (new Vector2(tile.Width, tile.Height) / 2) - from.Centre;
        var middle = to.Centre + (new Vector2((cos * away.X) + (sin * away.Y), (cos * away.Y) - (sin * away.X)) / shrink);
        int x0 = Math.Max(0, (int)(middle.X - reach)), x1 = Math.Min(Side - 1, (int)(middle.X + reach));
        int y0 = Math.Max(0, (int)(middle.Y - reach)), y1 = Math.Min(Side - 1, (int)(middle.Y + reach));
        const int Plane = Side * Side;
        for (var y = y0; y <= y1; y++)
        {
            for (var x = x0; x <= x1; x++)
            {
                var d = new Vector2(x + 0.5f, y + 0.5f) - to.Centre;
                var p = from.Centre + (shrink * new Vector2((cos * d.X) - (sin * d.Y), (sin * d.X) + (cos * d.Y)));
                var c = tile.Sample(p);
                if (c.W > 0)
                {
                    var at = (y * Side) + x;
                    planes[at] = (c.X / 255) + ((1 - c.W) * planes[at]);
                    planes[Plane + at] = (c.Y / 255) + ((1 - c.W) * planes[Plane + at]);
                    planes[(2 * Plane) + at] = (c.Z / 255) + ((1 - c.W) * planes[(2 * Plane) + at]);
                }
            }
        }

        faces.Add(to);
    }

    private static void PaintBackground(float[] planes, Tile background, Random random, float nearest, float farthest)
    {
        var zoom = random.Uniform(nearest, farthest);
        var (sin, cos) = MathF.SinCos(random.Chance(0.7) ? 0 : random.Uniform(-0.8f, 0.8f));
        var start = new Vector2(random.Uniform(0, 512), random.Uniform(0, 512));
        for (var i = 0; i < Side * Side; i++)
        {
            float x = i % Side, y = i / Side;
            var c = background.SampleMirrored(start + (zoom * new Vector2((cos * x) - (sin * y), (sin * x) + (cos * y))));
            (planes[i], planes[(Side * Side) + i], planes[(2 * Side * Side) + i]) = (c.X / 255, c.Y / 255, c.Z / 255);
        }
    }

    private static LocatorSample Label(float[] planes, List<FaceCrop> faces)
    {
        var heat = new float[Grid * Grid];
        var near = new float[Grid * Grid];
        var values = new float[5 * Grid * Grid];
        foreach (var face in faces)
        {
            var centre = face.Centre / LocatorNetwork.Stride;
            var sigma = MathF.Max(0.6f, 0.05f * face.Size / LocatorNetwork.Stride);
            int cx = Math.Clamp((int)centre.X, 0, Grid - 1), cy = Math.Clamp((int)centre.Y, 0, Grid - 1);
            for (var i = 0; i < Grid * Grid; i++)
            {
                var d = centre - new Vector2((i % Grid) + 0.5f, (i / Grid) + 0.5f);
                var h = i == (cy * Grid) + cx ? 1 : 0.95f * MathF.Exp(-d.LengthSquared() / (2 * sigma * sigma));
                heat[i] = MathF.Max(heat[i], h);
                if (h > 0.3f && h > near[i])
                {
                    near[i] = h;
                    var (sin, cos) = MathF.SinCos(face.Roll);
                    (values[i], values[(Grid * Grid) + i]) = (d.X, d.Y);
                    values[(2 * Grid * Grid) + i] = MathF.Log(face.Size / LocatorNetwork.UnitSize);
                    (values[(3 * Grid * Grid) + i], values[(4 * Grid * Grid) + i]) = (cos, sin);
                }
            }
        }

        return new LocatorSample(planes, heat, values, near);
    }

    private static Tile Mirror(Tile t)
    {
        var rgba = new byte[t.Rgba.Length];
        for (var y = 0; y < t.Height; y++)
        {
            for (var x = 0; x < t.Width; x++)
            {
                t.Rgba.AsSpan(4 * ((y * t.Width) + x), 4).CopyTo(rgba.AsSpan(4 * ((y * t.Width) + t.Width - 1 - x), 4));
            }
        }

        return new Tile(t.Width, t.Height, rgba);
    }

    /// <summary>2×2 means weighted by coverage.</summary>
    private static Tile Halve(Tile t)
    {
        int w = t.Width / 2, h = t.Height / 2;
        var rgba = new byte[4 * w * h];
        for (var y = 0; y < h; y++)
        {
            for (var x = 0; x < w; x++)
            {
                int r = 0, g = 0, b = 0, a = 0;
                for (var k = 0; k < 4; k++)
                {
                    var o = 4 * ((((2 * y) + (k / 2)) * t.Width) + (2 * x) + (k % 2));
                    var alpha = t.Rgba[o + 3];
                    r += t.Rgba[o] * alpha;
                    g += t.Rgba[o + 1] * alpha;
                    b += t.Rgba[o + 2] * alpha;
                    a += alpha;
                }

                var q = 4 * ((y * w) + x);
                if (a > 0)
                {
                    (rgba[q], rgba[q + 1], rgba[q + 2], rgba[q + 3]) = ((byte)(r / a), (byte)(g / a), (byte)(b / a), (byte)(a / 4));
                }
            }
        }

        return new Tile(w, h, rgba);
    }
}
