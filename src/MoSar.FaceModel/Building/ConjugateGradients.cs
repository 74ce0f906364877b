namespace MoSar.Faces.Building;

/// <summary>Solves the weighted graph Laplace equation with fixed vertices, in double precision.</summary>
internal static class ConjugateGradients
{
    /// <summary>Finds x with Σ_n w_vn (x_v − x_n) = 0 at every free vertex; fixed entries of <paramref name="x"/> stay. Jacobi-preconditioned.</summary>
    public static void Harmonic(int[][] neighbours, double[][] weights, bool[] isFixed, double[] x, double tolerance = 1e-13, int maxIterations = 6000)
    {
        var n = x.Length;
        double[] r = new double[n], z = new double[n], p = new double[n], ap = new double[n], diagonal = new double[n];
        for (var v = 0; v < n; v++)
        {
            diagonal[v] = Math.Max(weights[v].Sum(), 1e-300);
        }

        Apply(x, r);
        double rz = 0, scale = 0;
        for (var v = 0; v < n; v++)
        {
            scale = Math.Max(scale, Math.Abs(x[v]));
            r[v] = isFixed[v] ? 0 : -r[v];
            z[v] = r[v] / diagonal[v];
            p[v] = z[v];
            rz += r[v] * z[v];
        }

        for (var k = 0; k < maxIterations && rz > tolerance * tolerance * scale * scale; k++)
        {
            Apply(p, ap);
            double pap = 0;
            for (var v = 0; v < n; v++)
            {
                ap[v] = isFixed[v] ? 0 : ap[v];
                pap += p[v] * ap[v];
            }

            var alpha = rz / pap;
            double next = 0;
            for (var v = 0; v < n; v++)
            {
                x[v] += alpha * p[v];
                r[v] -= alpha * ap[v];
                z[v] = r[v] / diagonal[v];
                next += r[v] * z[v];
            }

            var beta = next / rz;
            rz = next;
            for (var v = 0; v < n; v++)
            {
                p[v] = z[v] + (beta * p[v]);
            }
        }

        void Apply(double[] source, double[] target)
        {
            for (var v = 0; v < n; v++)
            {
                var (ring, w) = (neighbours[v], weights[v]);
                double sum = 0;
                for (var k = 0; k < ring.Length; k++)
                {
                    sum += w[k] * (source[v] - source[ring[k]]);
                }

                target[v] = sum;
            }
        }
    }
}
