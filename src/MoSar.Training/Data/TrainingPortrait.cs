using System.Numerics;
using MoSar.Faces;
using MoSar.Faces.Fitting;
using MoSar.Graphics;
using MoSar.Learning;

namespace MoSar.Training.Data;

/// <summary>A portrait with points of a person that may be trained on, and the head fitted to them.</summary>
/// <param name="Portrait">Which.</param>
/// <param name="Pixels">Linear.</param>
/// <param name="Points">68 in pixels: hand-placed where there is such a point, else the fitted head's.</param>
/// <param name="HandPlaced">68: which are hand-placed.</param>
/// <param name="Crop">The face's crop.</param>
/// <param name="Positions">The fitted head's vertices in head space, mm.</param>
/// <param name="Camera">From head space to pixels.</param>
/// <param name="Projected">68 points of the fitted head in pixels.</param>
internal sealed record TrainingPortrait(
    Portrait Portrait, Image Pixels, Vector2[] Points, bool[] HandPlaced, FaceCrop Crop, Vector3[] Positions, PinholeCamera Camera, Vector2[] Projected)
{
    /// <summary>Reads and fits every London and Canada portrait that has points and is not held out, in order.</summary>
    public static IReadOnlyList<TrainingPortrait> LoadAll(FaceModel model, string folder, bool heldOut = false)
    {
        var fit = new LandmarkFit(model);
        return [.. PortraitSet.Load(folder)
            .Where(p => p.Collection is "london" or "canada" && p.TemPath is not null && p.HeldOut == heldOut)
            .Select(p => Load(model, fit, p))];
    }

    private static TrainingPortrait Load(FaceModel model, LandmarkFit fit, Portrait portrait)
    {
        var pixels = ImageFile.ReadPhotograph(portrait.ImagePath).Pixels;
        var tem = TemPoints.Load(portrait.TemPath!);
        var placed = tem.ToMultiPie();
        var confidence = Enumerable.Repeat(1f, Landmarks.Count).ToArray();
        var result = fit.Run(new Landmarks(placed, confidence), pixels.Width, pixels.Height, contour: tem.JawContour);
        var handPlaced = placed.Select(p => float.IsFinite(p.X)).ToArray();
        var points = placed.Select((p, i) => handPlaced[i] ? p : result.Projected[i]).ToArray();
        var positions = model.Positions([.. result.Identity.Select(v => (float)v)], [.. result.Expression.Select(v => (float)v)]);
        var camera = result.Pose.ToCamera(pixels.Width / 2.0, pixels.Height / 2.0, fit.Origin);
        return new TrainingPortrait(portrait, pixels, points, handPlaced, FaceCrops.FromLandmarks(points), positions, camera, result.Projected);
    }

    /// <summary>A square piece of the portrait as bytes.</summary>
    /// <param name="crop">Which piece.</param>
    /// <param name="side">Pixels of the tile.</param>
    public Tile Cut(FaceCrop crop, int side)
    {
        var planes = new float[3 * side * side];
        CropSampler.WarpPlanar(Pixels, crop, side, planes);
        var rgba = new byte[4 * side * side];
        for (var i = 0; i < side * side; i++)
        {
            for (var c = 0; c < 3; c++)
            {
                rgba[(4 * i) + c] = (byte)MathF.Round(255 * Math.Clamp(planes[(c * side * side) + i], 0, 1));
            }

            rgba[(4 * i) + 3] = 255;
        }

        return new Tile(side, side, rgba);
    }
}
