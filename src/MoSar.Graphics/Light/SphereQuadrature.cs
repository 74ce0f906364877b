namespace MoSar.Graphics;

/// <summary>Integration over the unit sphere.</summary>
public static class SphereQuadrature
{
    /// <summary>Directions and weights (sum 4π) that integrate every polynomial up to the given degree exactly.</summary>
    public static (double X, double Y, double Z, double Weight)[] Exact(int degree)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(degree);
        var rings = (degree / 2) + 1;
        var sectors = degree + 1;
        var nodes = new (double X, double Y, double Z, double Weight)[rings * sectors];
        for (var i = 0; i < rings; i++)
        {
            var (z, weight) = GaussLegendre(i, rings);
            var radius = Math.Sqrt(Math.Max(0, 1 - (z * z)));
            for (var j = 0; j < sectors; j++)
            {
                var (sin, cos) = Math.SinCos(2 * Math.PI * (j + 0.5) / sectors);
                nodes[(i * sectors) + j] = (radius * cos, radius * sin, z, weight * 2 * Math.PI / sectors);
            }
        }

        return nodes;
    }

    // Root i of the Legendre polynomial P_n by Newton's method from Tricomi's estimate, with its Gaussian weight on [−1, 1].
    private static (double Root, double Weight) GaussLegendre(int i, int n)
    {
        var x = Math.Cos(Math.PI * (i + 0.75) / (n + 0.5));
        var slope = 0.0;
        for (var step = 0; step < 12; step++)
        {
            double before = 1, p = x;
            for (var k = 2; k <= n; k++)
            {
                (before, p) = (p, ((((2.0 * k) - 1) * x * p) - ((k - 1.0) * before)) / k);
            }

            slope = n * ((x * p) - before) / ((x * x) - 1);
            x -= p / slope;
        }

        return (x, 2 / ((1 - (x * x)) * slope * slope));
    }
}
