using System.Numerics;
using MoSar.Faces;
using MoSar.Training.Data;
using MoSar.Training.Synthetic;

namespace MoSar.Training;

/// <summary>A rendered head before a painted background whose points are known: for tests and for measuring detectors.</summary>
/// <param name="Photograph">The picture.</param>
/// <param name="Points">68 points in its pixels.</param>
/// <param name="Crop">Its face's crop.</param>
public sealed record SyntheticPicture(Photograph Photograph, IReadOnlyList<Vector2> Points, FaceCrop Crop)
{
    /// <summary>Pictures with painted skins, so that only the face model is needed. The same arguments give the same pictures.</summary>
    /// <param name="model">The head.</param>
    /// <param name="seeds">One a picture.</param>
    /// <param name="side">Of the square pictures, pixels.</param>
    /// <param name="size">Side of the face's crop over the picture's side.</param>
    /// <param name="roll">Turn of the head in the picture, radians, clockwise.</param>
    /// <param name="calm">Nearly frontal and neutral, nothing before the face.</param>
    public static IReadOnlyList<SyntheticPicture> Make(FaceModel model, IEnumerable<int> seeds, int side = 400, float size = 0.5f, float roll = 0, bool calm = true)
    {
        var atlas = new SkinAtlas(model);
        Skin[] skins = [.. Enumerable.Range(0, 4).Select(i => PaintedSkin.Paint(atlas, new Random(100 + i)))];
        var renderer = new SyntheticRenderer(model, atlas, skins, new Vector2[Landmarks.Count]);
        return [.. seeds.Select(seed => Compose(renderer.Render(seed, calm), seed, side, size, roll))];
    }

    /// <summary>A painted picture without a face, from seeds that no training uses.</summary>
    public static Photograph Empty(int seed) => ToPhotograph(Backgrounds.Painted(1_000_000 + seed), $"empty-{seed}");

    /// <summary>A view into an environment, which must be one without people.</summary>
    /// <param name="environment">Equirectangular, linear.</param>
    /// <param name="seed">Of the view's direction and width.</param>
    public static Photograph EmptyView(Image environment, int seed) => ToPhotograph(Backgrounds.View(environment, 1_000_000 + seed), $"view-{seed}");

    private static Photograph ToPhotograph(Tile tile, string name)
    {
        var image = new Image(tile.Width, tile.Height, 3);
        for (var i = 0; i < tile.Width * tile.Height; i++)
        {
            for (var c = 0; c < 3; c++)
            {
                image.Pixels[(3 * i) + c] = Srgb8.Linear[tile.Rgba[(4 * i) + c]];
            }
        }

        return new Photograph(name, "", image, null, "");
    }

    private static SyntheticPicture Compose(Cutout cutout, int seed, int side, float size, float roll)
    {
        var tile = new Tile(Cutout.Side, Cutout.Side, cutout.Rgba);
        var background = Backgrounds.Painted(2_000_000 + seed);
        var crop = new FaceCrop(new Vector2(side * 0.5f, side * 0.48f), size * side, cutout.Crop.Roll + roll);
        var image = new Image(side, side, 3);
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                var p = cutout.Crop.ToPixel(crop.FromPixel(new Vector2(x + 0.5f, y + 0.5f)));
                var c = tile.Sample(p);
                c += (1 - c.W) * background.SampleMirrored(new Vector2(x, y) * (Backgrounds.Side / (float)side));
                (image[x, y, 0], image[x, y, 1], image[x, y, 2]) = (Linear(c.X), Linear(c.Y), Linear(c.Z));
            }
        }

        var points = cutout.Points.Select(p => crop.ToPixel(cutout.Crop.FromPixel(p))).ToArray();
        return new SyntheticPicture(new Photograph($"synthetic-{seed}", "", image, null, ""), points, crop);
    }

    private static float Linear(float byteValue) => Srgb8.Linear[(int)Math.Clamp(MathF.Round(byteValue), 0, 255)];
}
