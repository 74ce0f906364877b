using System.Numerics;

namespace MoSar.Graphics;

/// <summary>What a camera sees at each sample, row-major, structure of arrays.</summary>
/// <param name="Width">Samples in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Triangle">−1 where nothing is.</param>
/// <param name="U">Weight of the triangle's second corner, perspective-correct.</param>
/// <param name="V">Weight of the third; the first has 1 − U − V.</param>
/// <param name="Depth">Distance along the viewing axis, mm; +∞ where nothing is.</param>
public sealed record RasterBuffer(int Width, int Height, int[] Triangle, float[] U, float[] V, float[] Depth)
{
    public Vector3 Barycentric(int sample) => new(1 - U[sample] - V[sample], U[sample], V[sample]);
}

/// <summary>Draws triangles through a pinhole camera with a depth buffer, in parallel over bands of rows, the same result on any number of cores.</summary>
public static class Rasterizer
{
    /// <summary>Points nearer than this to the camera's plane are not drawn, with all their triangles, mm.</summary>
    public const float Near = 1;

    /// <param name="positions">Head space, mm.</param>
    /// <param name="triangles">3 indices a triangle; both sides are drawn.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="supersample">Samples along each side of a pixel; the buffer is that much larger.</param>
    public static RasterBuffer Draw(
        PinholeCamera camera, Vector3[] positions, int[] triangles, int width, int height, int supersample = 1, CancellationToken cancellation = default)
    {
        TriangleList.Check(positions.Length, triangles);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(supersample);
        var (w, h) = (checked(width * supersample), checked(height * supersample));
        var (x, y, inverse) = (new double[positions.Length], new double[positions.Length], new double[positions.Length]);
        for (var i = 0; i < positions.Length; i++)
        {
            (x[i], y[i], inverse[i]) = Project(camera, positions[i], supersample);
        }

        var samples = checked(w * h);
        var buffer = new RasterBuffer(w, h, new int[samples], new float[samples], new float[samples], new float[samples]);
        Array.Fill(buffer.Triangle, -1);
        Array.Fill(buffer.Depth, float.PositiveInfinity);
        RasterKernel.Draw(new RasterKernel.Input(x, y, inverse, triangles), w, h, new Nearest(buffer), cancellation);
        return buffer;
    }

    public static RasterBuffer Draw(PinholeCamera camera, Mesh mesh, int width, int height, int supersample = 1, CancellationToken cancellation = default) =>
        Draw(camera, mesh.Positions, mesh.Template.Triangles, width, height, supersample, cancellation);

    // In double, as the edge functions are; inverse depth −1 marks what lies behind the near plane.
    private static (double X, double Y, double InverseDepth) Project(PinholeCamera camera, Vector3 p, int supersample)
    {
        var (r, t) = (camera.Rotation, camera.Translation);
        var px = (r[0] * p.X) + (r[1] * p.Y) + (r[2] * p.Z) + t.X;
        var py = (r[3] * p.X) + (r[4] * p.Y) + (r[5] * p.Z) + t.Y;
        var depth = -((r[6] * p.X) + (r[7] * p.Y) + (r[8] * p.Z) + t.Z);
        return depth < Near
            ? (0, 0, -1)
            : ((camera.Cx + (camera.Fx * px / depth)) * supersample, (camera.Cy - (camera.Fy * py / depth)) * supersample, 1 / depth);
    }

    private readonly struct Nearest(RasterBuffer buffer) : RasterKernel.ISink
    {
        private readonly int[] _triangle = buffer.Triangle;
        private readonly float[] _u = buffer.U;
        private readonly float[] _v = buffer.V;
        private readonly float[] _depth = buffer.Depth;

        public void Put(int at, int triangle, double b1, double b2, double inverseDepth)
        {
            var depth = (float)(1 / inverseDepth);
            if (depth < _depth[at])
            {
                (_triangle[at], _u[at], _v[at], _depth[at]) = (triangle, (float)b1, (float)b2, depth);
            }
        }
    }
}
