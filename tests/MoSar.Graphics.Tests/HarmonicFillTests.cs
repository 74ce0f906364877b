namespace MoSar.Graphics.Tests;

public sealed class HarmonicFillTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(100)]
    public void Between_a_known_frame_lies_the_harmonic_function_of_that_frame(int size)
    {
        // x² − y² and xy are harmonic, and the five-point stencil reproduces both exactly.
        static float Truth(double x, double y) => (float)((x * x) - (y * y) + (0.5 * x * y) + x);
        var (image, state) = (new Image(size, size, 1), new FillState[size * size]);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var frame = x == 0 || y == 0 || x == size - 1 || y == size - 1;
                state[(y * size) + x] = frame ? FillState.Known : FillState.Unknown;
                image[x, y, 0] = frame ? Truth((double)x / size, (double)y / size) : 99;
            }
        }

        HarmonicFill.Fill(image, state, sweeps: 12);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                Assert.Equal(Truth((double)x / size, (double)y / size), image[x, y, 0], 0.03f);
            }
        }
    }

    [Fact]
    public void Screening_fades_to_zero_over_its_length()
    {
        // In one dimension (∂² − λ)u = 0 from u(0) = 1 is exp(−x√λ); λ = 1/100 fades over 10 texels.
        const int size = 128;
        var (image, state) = (new Image(size, 16, 1), new FillState[size * 16]);
        Array.Fill(state, FillState.Unknown);
        for (var y = 0; y < 16; y++)
        {
            (image[0, y, 0], state[y * size]) = (1, FillState.Known);
        }

        HarmonicFill.Fill(image, state, screening: 0.01f, sweeps: 12);
        Assert.Equal(Math.Exp(-1), image[10, 8, 0], 0.05);
        Assert.Equal(Math.Exp(-2), image[20, 8, 0], 0.05);
        Assert.Equal(0, image[100, 8, 0], 0.01);
    }

    [Fact]
    public void A_wide_wall_keeps_its_sides_apart_and_the_known_stays()
    {
        const int size = 64;
        var (image, state) = (new Image(size, size, 2), new FillState[size * size]);
        for (var i = 0; i < state.Length; i++)
        {
            var x = i % size;
            state[i] = x is >= 24 and < 40 ? FillState.Outside : x is 0 or size - 1 ? FillState.Known : FillState.Unknown;
            (image.Pixels[2 * i], image.Pixels[(2 * i) + 1]) = x == 0 ? (1f, -3f) : x == size - 1 ? (5f, 7f) : (-1f, -1f);
        }

        HarmonicFill.Fill(image, state, sweeps: 16);
        Assert.Equal((1f, -3f), (image[0, 5, 0], image[0, 5, 1]));
        Assert.Equal(1, image[20, 32, 0], 0.3f);
        Assert.Equal(7, image[50, 32, 1], 0.6f);
        Assert.Equal(-1, image[31, 32, 0]);
    }
}
