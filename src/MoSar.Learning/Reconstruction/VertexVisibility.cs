using System.Buffers;
using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning;

/// <summary>
/// Which vertices a camera sees: turned towards it, inside the picture, and not behind another part of the head by a depth buffer. No gradient:
/// what is seen changes by steps (3.1). The buffer holds triangles that face the camera, which on a closed surface are the nearest ones.
/// </summary>
public static class VertexVisibility
{
    /// <summary>Vertices seen more aslant than this cosine do not count: their colour changes within less than a pixel.</summary>
    public const float LeastCosine = 0.1f;

    /// <summary>How far a vertex may lie behind the buffer's surface: mm, and pixels' widths along the slant.</summary>
    private const float Slack = 1, SlackPixels = 1.5f;

    private const float Near = PerspectiveProjection.Near;

    /// <param name="vertices">[B, V, 3] mm, head space.</param>
    /// <param name="normals">[B, V, 3] unit vectors.</param>
    /// <param name="width">Of the picture and of the depth buffer, pixels.</param>
    /// <param name="weights">V weights in [0, 1], a vertex's share where it is seen: the template's <c>face</c> region, say. Null: all 1.</param>
    /// <returns>[B, V]: weight where seen, else 0.</returns>
    /// <exception cref="ArgumentException">Shapes, type or device do not fit.</exception>
    public static unsafe Tensor Of(Tensor vertices, Tensor normals, CameraTensors camera, MeshTopology topology, int width, int height, float[]? weights = null)
    {
        var v = topology.VertexCount;
        FloatMemory.Check("vertices", vertices, -1, v, 3);
        FloatMemory.Check("normals", normals, vertices.shape[0], v, 3);
        if (weights is not null && weights.Length != v)
        {
            throw new ArgumentException($"{weights.Length} weights for {v} vertices.");
        }

        using var scope = NewDisposeScope();
        var rows = (int)vertices.shape[0];
        var (positions, directions) = (vertices.detach().contiguous(), normals.detach().contiguous());
        var cameras = Enumerable.Range(0, rows).Select(camera.Pinhole).ToArray();
        var visible = empty(rows, v);
        var (p, n, w) = ((nint)FloatMemory.Of(positions), (nint)FloatMemory.Of(directions), (nint)FloatMemory.Of(visible));
        FloatMemory.For(rows, 1, 1, (row, _, _, _) =>
        {
            using var view = new View(cameras[row], v, width, height);
            view.Project((float*)p + (3L * v * row), (float*)n + (3L * v * row));
            view.Draw(topology.Triangles);
            view.Test(weights, (float*)w + ((long)v * row));
        });
        GC.KeepAlive(positions);
        GC.KeepAlive(directions);
        return visible.MoveToOuterDisposeScope();
    }

    /// <summary>One head in one picture.</summary>
    private sealed unsafe class View : IDisposable
    {
        private static readonly ArrayPool<float> s_pool = ArrayPool<float>.Shared;
        private readonly PinholeCamera _camera;
        private readonly int _count, _width, _height;
        private readonly float[] _x, _y, _inverse, _cosine, _buffer;

        public View(PinholeCamera camera, int count, int width, int height)
        {
            (_camera, _count, _width, _height) = (camera, count, width, height);
            (_x, _y, _inverse, _cosine) = (s_pool.Rent(count), s_pool.Rent(count), s_pool.Rent(count), s_pool.Rent(count));

            // 1/depth: 0 is nothing, and it is linear on the screen.
            _buffer = s_pool.Rent(width * height);
            _buffer.AsSpan(0, width * height).Clear();
        }

        public void Dispose()
        {
            s_pool.Return(_x);
            s_pool.Return(_y);
            s_pool.Return(_inverse);
            s_pool.Return(_cosine);
            s_pool.Return(_buffer);
        }

        public void Project(float* vertices, float* normals)
        {
            Span<float> r = [.. _camera.Rotation.Select(v => (float)v)];
            var t = _camera.Translation;
            var (f, cx, cy) = ((float)_camera.Fx, (float)_camera.Cx, (float)_camera.Cy);
            var eye = _camera.Centre;
            for (var i = 0; i < _count; i++)
            {
                var (x, y, z) = (vertices[3 * i], vertices[(3 * i) + 1], vertices[(3 * i) + 2]);
                var depth = -((r[6] * x) + (r[7] * y) + (r[8] * z) + t.Z);
                var inverse = depth > Near ? 1 / depth : 0;
                _inverse[i] = inverse;
                _x[i] = cx + (f * inverse * ((r[0] * x) + (r[1] * y) + (r[2] * z) + t.X));
                _y[i] = cy - (f * inverse * ((r[3] * x) + (r[4] * y) + (r[5] * z) + t.Y));
                var (dx, dy, dz) = (eye.X - x, eye.Y - y, eye.Z - z);
                _cosine[i] = ((normals[3 * i] * dx) + (normals[(3 * i) + 1] * dy) + (normals[(3 * i) + 2] * dz)) / MathF.Sqrt((dx * dx) + (dy * dy) + (dz * dz));
            }
        }

        public void Draw(int[] triangles)
        {
            for (var t = 0; t < triangles.Length; t += 3)
            {
                var (i, j, k) = (triangles[t], triangles[t + 1], triangles[t + 2]);
                var (x0, y0, x1, y1, x2, y2) = (_x[i], _y[i], _x[j], _y[j], _x[k], _y[k]);

                // Counter-clockwise seen from the camera is negative here, for y goes down.
                var area = ((x2 - x0) * (y1 - y0)) - ((x1 - x0) * (y2 - y0));
                if (area > 0 && _inverse[i] > 0 && _inverse[j] > 0 && _inverse[k] > 0)
                {
                    Fill(x0, y0, x1, y1, x2, y2, 1 / area, _inverse[i], _inverse[j], _inverse[k]);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Fill(float x0, float y0, float x1, float y1, float x2, float y2, float scale, float d0, float d1, float d2)
        {
            var left = (int)MathF.Ceiling(MathF.Max(MathF.Min(x0, MathF.Min(x1, x2)) - 0.5f, 0));
            var right = (int)MathF.Floor(MathF.Min(MathF.Max(x0, MathF.Max(x1, x2)) - 0.5f, _width - 1));
            var top = (int)MathF.Ceiling(MathF.Max(MathF.Min(y0, MathF.Min(y1, y2)) - 0.5f, 0));
            var bottom = (int)MathF.Floor(MathF.Min(MathF.Max(y0, MathF.Max(y1, y2)) - 0.5f, _height - 1));
            for (var row = top; row <= bottom; row++)
            {
                var y = row + 0.5f;
                for (var column = left; column <= right; column++)
                {
                    var x = column + 0.5f;
                    var b1 = (((x2 - x0) * (y - y0)) - ((x - x0) * (y2 - y0))) * scale;
                    var b2 = (((x - x0) * (y1 - y0)) - ((x1 - x0) * (y - y0))) * scale;
                    var b0 = 1 - b1 - b2;
                    if (b0 < 0 || b1 < 0 || b2 < 0)
                    {
                        continue;
                    }

                    ref var nearest = ref _buffer[(row * _width) + column];
                    nearest = MathF.Max(nearest, (b0 * d0) + (b1 * d1) + (b2 * d2));
                }
            }
        }

        public void Test(float[]? weights, float* visible)
        {
            var f = (float)_camera.Fx;
            for (var i = 0; i < _count; i++)
            {
                var cosine = _cosine[i];
                if (cosine < LeastCosine || _inverse[i] == 0 || !ImageSampling.IsInside(_x[i], _y[i], _width, _height))
                {
                    visible[i] = 0;
                    continue;
                }

                var depth = 1 / _inverse[i];
                var slack = Slack + (SlackPixels * depth / f * MathF.Sqrt(MathF.Max(0, 1 - (cosine * cosine))) / cosine);
                var nearest = _buffer[((int)_y[i] * _width) + (int)_x[i]];
                visible[i] = nearest * (depth - slack) <= 1 ? weights?[i] ?? 1 : 0;
            }
        }
    }
}
