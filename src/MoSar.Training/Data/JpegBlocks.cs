namespace MoSar.Training.Data;

/// <summary>JPEG's damage without its files: 8×8 cosine blocks whose coefficients are rounded, higher ones more coarsely.</summary>
internal static class JpegBlocks
{
    private const int N = 8;

    private static readonly float[] Basis = MakeBasis();

    /// <param name="planes">3 planes of side × side; side a multiple of 8.</param>
    /// <param name="side">Pixels.</param>
    /// <param name="step">Of the lowest coefficient, in units of the values' range.</param>
    public static void Quantise(float[] planes, int side, float step)
    {
        Span<float> block = stackalloc float[N * N];
        for (var start = 0; start < planes.Length; start += side * side)
        {
            for (var by = 0; by + N <= side; by += N)
            {
                for (var bx = 0; bx + N <= side; bx += N)
                {
                    for (var i = 0; i < block.Length; i++)
                    {
                        block[i] = planes[start + ((by + (i / N)) * side) + bx + (i % N)];
                    }

                    Transform(block, inverse: false);
                    for (var i = 0; i < block.Length; i++)
                    {
                        var q = step * (1 + (i / N) + (i % N));
                        block[i] = MathF.Round(block[i] / q) * q;
                    }

                    Transform(block, inverse: true);
                    for (var i = 0; i < block.Length; i++)
                    {
                        planes[start + ((by + (i / N)) * side) + bx + (i % N)] = block[i];
                    }
                }
            }
        }
    }

    private static void Transform(Span<float> block, bool inverse)
    {
        Span<float> half = stackalloc float[N * N];
        for (var r = 0; r < N; r++)
        {
            for (var k = 0; k < N; k++)
            {
                var sum = 0f;
                for (var i = 0; i < N; i++)
                {
                    sum += block[(r * N) + i] * (inverse ? Basis[(i * N) + k] : Basis[(k * N) + i]);
                }

                half[(r * N) + k] = sum;
            }
        }

        for (var c = 0; c < N; c++)
        {
            for (var k = 0; k < N; k++)
            {
                var sum = 0f;
                for (var i = 0; i < N; i++)
                {
                    sum += half[(i * N) + c] * (inverse ? Basis[(i * N) + k] : Basis[(k * N) + i]);
                }

                block[(k * N) + c] = sum;
            }
        }
    }

    /// <summary>Orthonormal DCT-II: row k, column i.</summary>
    private static float[] MakeBasis()
    {
        var basis = new float[N * N];
        for (var k = 0; k < N; k++)
        {
            for (var i = 0; i < N; i++)
            {
                basis[(k * N) + i] = MathF.Sqrt((k == 0 ? 1f : 2f) / N) * MathF.Cos(MathF.PI * (i + 0.5f) * k / N);
            }
        }

        return basis;
    }
}
