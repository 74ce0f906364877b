using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Export;

/// <summary>The fitted mesh's quads as fine lines over the photograph, hidden ones left out, with the landmarks: found ones white, the mesh's own orange.</summary>
internal static class MeshOverlay
{
    private const int Supersampling = 2;
    private static readonly Vector3 Line = new(0.42f, 0.80f, 1.0f);
    private static readonly Vector3 Found = new(1f, 1f, 1f);
    private static readonly Vector3 Fitted = new(1f, 0.30f, 0.04f);

    /// <param name="photograph">The region, already at the view's size.</param>
    /// <param name="region">Where in the input it lies, in input pixels.</param>
    public static Image Draw(Image photograph, AvatarView view, Reconstruction reconstruction, Landmarks landmarks, (int X, int Y, int Size) region)
    {
        var (template, positions) = (reconstruction.Mesh.Template, reconstruction.Mesh.Positions);
        var projected = positions.Select(view.Camera.Project).ToArray();
        var drawn = QuadEdges(template);
        var buffer = Rasterizer.Draw(view.Camera, reconstruction.Mesh, view.Width, view.Height, Supersampling);
        var image = new Image(view.Width, view.Height, 3, (float[])photograph.Pixels.Clone());
        Parallel.For(0, view.Height, y =>
        {
            for (var x = 0; x < view.Width; x++)
            {
                var cover = 0f;
                for (var s = 0; s < Supersampling * Supersampling; s++)
                {
                    var i = (((y * Supersampling) + (s / Supersampling)) * buffer.Width) + (x * Supersampling) + (s % Supersampling);
                    if (buffer.Triangle[i] >= 0)
                    {
                        cover += Cover(template.Triangles, drawn, projected, buffer.Triangle[i], buffer.Barycentric(i));
                    }
                }

                Mix(image, x, y, Line, 0.62f * cover / (Supersampling * Supersampling));
            }
        });

        var scale = view.Width / (float)region.Size;
        var corner = new Vector2(region.X, region.Y);
        var dot = MathF.Max(1.6f, view.Width / 330f);
        foreach (var p in landmarks.Points)
        {
            Dot(image, (p - corner) * scale, dot * 1.15f, Found);
        }

        foreach (var p in reconstruction.ProjectedLandmarks)
        {
            Dot(image, (p - corner) * scale, dot * 0.75f, Fitted);
        }

        return image;
    }

    // How much of a line of one pixel's width covers a sample: by its distance to the nearest edge that is drawn.
    private static float Cover(int[] triangles, bool[] drawn, Vector2[] projected, int triangle, Vector3 weights)
    {
        var at = triangle * 3;
        var (a, b, c) = (projected[triangles[at]], projected[triangles[at + 1]], projected[triangles[at + 2]]);
        var twiceArea = MathF.Abs(((b.X - a.X) * (c.Y - a.Y)) - ((b.Y - a.Y) * (c.X - a.X)));
        var nearest = float.PositiveInfinity;

        // Edge k lies opposite corner k; its distance is that corner's weight times the triangle's height over it.
        nearest = drawn[at] ? MathF.Min(nearest, weights.X * twiceArea / Vector2.Distance(b, c)) : nearest;
        nearest = drawn[at + 1] ? MathF.Min(nearest, weights.Y * twiceArea / Vector2.Distance(c, a)) : nearest;
        nearest = drawn[at + 2] ? MathF.Min(nearest, weights.Z * twiceArea / Vector2.Distance(a, b)) : nearest;
        return Math.Clamp(1.05f - nearest, 0, 1) * 0.8f;
    }

    // For each triangle's edge opposite its corner: does it border a face, or is it the diagonal that cuts a quad?
    private static bool[] QuadEdges(FaceTemplate template)
    {
        static long Key(int a, int b) => a < b ? ((long)a << 32) | (uint)b : ((long)b << 32) | (uint)a;
        var borders = new HashSet<long>();
        for (var f = 0; f < template.Faces.Length; f += 4)
        {
            var corners = template.Faces[f + 3] < 0 ? 3 : 4;
            for (var k = 0; k < corners; k++)
            {
                borders.Add(Key(template.Faces[f + k], template.Faces[f + ((k + 1) % corners)]));
            }
        }

        var t = template.Triangles;
        var drawn = new bool[t.Length];
        for (var i = 0; i < t.Length; i += 3)
        {
            drawn[i] = borders.Contains(Key(t[i + 1], t[i + 2]));
            drawn[i + 1] = borders.Contains(Key(t[i + 2], t[i]));
            drawn[i + 2] = borders.Contains(Key(t[i], t[i + 1]));
        }

        return drawn;
    }

    private static void Dot(Image image, Vector2 centre, float radius, Vector3 colour)
    {
        for (var y = (int)(centre.Y - radius - 1); y <= centre.Y + radius + 1; y++)
        {
            for (var x = (int)(centre.X - radius - 1); x <= centre.X + radius + 1; x++)
            {
                if (x >= 0 && y >= 0 && x < image.Width && y < image.Height)
                {
                    Mix(image, x, y, colour, Math.Clamp(radius + 0.5f - Vector2.Distance(new Vector2(x + 0.5f, y + 0.5f), centre), 0, 1));
                }
            }
        }
    }

    private static void Mix(Image image, int x, int y, Vector3 colour, float alpha) =>
        Vector3.Lerp(image.Rgb(x, y), colour, alpha).CopyTo(image.Pixels.AsSpan(((y * image.Width) + x) * 3, 3));
}
