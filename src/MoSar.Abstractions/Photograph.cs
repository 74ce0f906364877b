using System.Numerics;

namespace MoSar;

/// <summary>One input picture, upright (EXIF orientation applied), three channels of linear Rec.709.</summary>
/// <param name="Name">File name without extension; names the avatar's folder.</param>
/// <param name="Path">Where it was read from.</param>
/// <param name="Pixels">H×W×3, linear.</param>
/// <param name="FocalLength">In pixels, from EXIF (35 mm equivalent) where the file says; else null.</param>
/// <param name="Sha256">Lower-case hex digest of the file.</param>
public sealed record Photograph(string Name, string Path, Image Pixels, double? FocalLength, string Sha256)
{
    public int Width => Pixels.Width;

    public int Height => Pixels.Height;
}

/// <summary>
/// A square region of a photograph that holds a face, possibly rolled. Crop coordinates (u, v) in [0, 1]² map to the pixel
/// Centre + Size·R(Roll)·(u − ½, v − ½), with R turning clockwise on the screen (x right, y down) for a positive roll.
/// </summary>
/// <param name="Centre">In input pixels (continuous, pixel corner convention).</param>
/// <param name="Size">Side in pixels. By convention 1.0 × the face from brow to chin takes about half of it.</param>
/// <param name="Roll">Radians.</param>
public readonly record struct FaceCrop(Vector2 Centre, float Size, float Roll)
{
    /// <summary>From crop coordinates in [0, 1]² to input pixels.</summary>
    public Vector2 ToPixel(Vector2 uv)
    {
        var (sin, cos) = MathF.SinCos(Roll);
        var d = (uv - new Vector2(0.5f)) * Size;
        return Centre + new Vector2((cos * d.X) - (sin * d.Y), (sin * d.X) + (cos * d.Y));
    }

    /// <summary>From input pixels to crop coordinates.</summary>
    public Vector2 FromPixel(Vector2 pixel)
    {
        var (sin, cos) = MathF.SinCos(Roll);
        var d = (pixel - Centre) / Size;
        return new Vector2((cos * d.X) + (sin * d.Y), (cos * d.Y) - (sin * d.X)) + new Vector2(0.5f);
    }
}

/// <param name="Crop">Where the face is: centre near the nose bridge, size = 2 × the distance from brows to chin, roll = the head's.</param>
/// <param name="Confidence">In [0, 1].</param>
public sealed record FaceDetection(FaceCrop Crop, float Confidence);

/// <summary>68 points in Multi-PIE / iBUG order (0-based), in input pixels. Sides are the image's: 36–41 is the eye on the image's left.</summary>
/// <param name="Points">68 positions, continuous pixel coordinates.</param>
/// <param name="Confidence">68 values in [0, 1].</param>
public sealed record Landmarks(IReadOnlyList<Vector2> Points, IReadOnlyList<float> Confidence)
{
    public const int Count = 68;

    /// <summary>68 indices: the point on the other side of the face (itself on the midline).</summary>
    public static IReadOnlyList<int> Mirror { get; } =
    [
        16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
        26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 27, 28, 29, 30, 35, 34, 33, 32, 31,
        45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
        54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65,
    ];
}
