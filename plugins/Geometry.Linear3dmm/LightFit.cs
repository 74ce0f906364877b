using System.Numerics;
using MoSar.Faces.Fitting;

namespace MoSar.Plugins.Linear3dmm;

/// <summary>
/// Light and albedo coefficients by alternating ridge regressions in linear colour, robustly: the start of Adam. Skin colour and light
/// explain each other; what separates them is the prior: light is nearly white and about as bright as exposure makes it, skin varies as
/// the people of the albedo model do. Alternation creeps along that valley, so exposure is searched: each candidate brightness is
/// held while light and albedo settle, and the most probable wins. A dark face stays dark instead of being a light one in dim light.
/// </summary>
internal sealed class LightFit(FaceSubset subset, LightPrior prior)
{
    private double _exposure = 1;

    private const int Bands = 9, SearchRounds = 2, FinalRounds = 3, ToneModes = 3;
    private const double ExposureSamples = 20;

    /// <summary>Brightness relative to the prior's that are tried: a stop to either side.</summary>
    private static readonly double[] Exposures = [0.4, 0.5, 0.62, 0.75, 0.88, 1, 1.15, 1.35, 1.7, 2.1];

    /// <returns>Light [9, 3] as eᵢ of S(n) = Σ eᵢ·Ŷᵢ(n), and β.</returns>
    public (float[] Light, float[] Albedo) Solve(ReadOnlySpan<Vector3> normals, Vector3[] colours, ReadOnlySpan<float> weights)
    {
        var n = subset.Count;
        var basis = new double[n * Bands];
        Span<float> y = stackalloc float[Bands];
        var front = new double[Bands];
        double total = 1e-9;
        for (var i = 0; i < n; i++)
        {
            PhotoKernel.Basis(normals[i], y);
            for (var k = 0; k < Bands; k++)
            {
                basis[(i * Bands) + k] = y[k];
                front[k] += weights[i] * y[k];
            }

            total += weights[i];
        }

        for (var k = 0; k < Bands; k++)
        {
            front[k] /= total;
        }

        (double Energy, double[] Light, double[] Beta) best = (double.PositiveInfinity, [], []);
        var likeliest = 1.0;
        foreach (var exposure in Exposures)
        {
            var trial = Settle(basis, front, colours, weights, total, exposure, SearchRounds, new double[subset.AlbedoCount]);
            if (trial.Energy < best.Energy)
            {
                (best, likeliest) = (trial, exposure);
            }
        }

        best = Settle(basis, front, colours, weights, total, likeliest, FinalRounds, best.Beta);
        return ([.. best.Light.Select(v => (float)v)], [.. best.Beta.Select(v => (float)v)]);
    }

    private (double Energy, double[] Light, double[] Beta) Settle(
        double[] basis, double[] front, Vector3[] colours, ReadOnlySpan<float> weights, double total, double exposure, int rounds, double[] start)
    {
        _exposure = exposure;
        var (beta, light, robust) = ((double[])start.Clone(), new double[Bands * 3], weights.ToArray());
        for (var k = 0; k < Bands; k++)
        {
            Array.Fill(light, prior.Mean(k) / prior.Mean(0) * prior.Brightness * exposure, 3 * k, 3);
        }

        for (var round = 0; round < rounds; round++)
        {
            SolveAlbedo(basis, colours, light, robust, total, beta);
            SolveLight(basis, front, colours, Albedo(beta), robust, total, light);
            Reweigh(basis, colours, Albedo(beta), light, weights, robust);
        }

        SolveAlbedo(basis, colours, light, robust, total, beta);
        return (Energy(basis, colours, Albedo(beta), light, weights, total, beta), light, beta);
    }

    /// <summary>
    /// Negative log-posterior of an exposure: tone, chroma of the light, exposure itself, and a little of the colours. Only a little, and
    /// only the modes of tone: the modes of texture are absolute, so a darker face would always be the one they explain better.
    /// </summary>
    private double Energy(double[] basis, Vector3[] colours, float[] albedo, double[] light, ReadOnlySpan<float> weights, double total, double[] beta)
    {
        double data = 0, chroma = 0;
        for (var i = 0; i < subset.Count; i++)
        {
            for (var c = 0; c < 3 && weights[i] > 0; c++)
            {
                var r = ((Shading(basis, light, i, c) * albedo[(3 * i) + c]) - colours[i][c]) / (prior.ColourSigma * (colours[i][c] + 0.03));
                data += weights[i] / 3 * (Math.Sqrt(1 + (r * r)) - 1);
            }
        }

        for (var k = 0; k < Bands; k++)
        {
            var grey = (light[3 * k] + light[(3 * k) + 1] + light[(3 * k) + 2]) / 3;
            for (var c = 0; c < 3; c++)
            {
                var d = (light[(3 * k) + c] - grey) / (prior.ChromaSigma * _exposure);
                chroma += d * d;
            }
        }

        var brightness = Math.Log(_exposure) / prior.BrightnessSigma;
        var tone = beta.AsSpan(0, Math.Min(ToneModes, beta.Length));
        return (data * ExposureSamples / total) + (0.5 * (Dense.Dot(tone, tone) + chroma + (brightness * brightness)));
    }

    private float[] Albedo(double[] beta)
    {
        var result = (float[])subset.AlbedoMean.Clone();
        for (var k = 0; k < beta.Length; k++)
        {
            var mode = subset.AlbedoBasis.AsSpan(k * result.Length, result.Length);
            for (var i = 0; i < result.Length; i++)
            {
                result[i] += (float)beta[k] * mode[i];
            }
        }

        for (var i = 0; i < result.Length; i++)
        {
            result[i] = Math.Max(result[i], 0.005f);
        }

        return result;
    }

    private void SolveLight(double[] basis, double[] front, Vector3[] colours, float[] albedo, float[] weights, double total, double[] light)
    {
        // The three channels share the prior towards their mean, so grey is solved first and each channel is held near it.
        var grey = Channel(basis, front, colours, albedo, weights, total, -1, null);
        for (var c = 0; c < 3; c++)
        {
            var own = Channel(basis, front, colours, albedo, weights, total, c, grey);
            for (var k = 0; k < Bands; k++)
            {
                light[(3 * k) + c] = own[k];
            }
        }
    }

    private double[] Channel(double[] basis, double[] front, Vector3[] colours, float[] albedo, float[] weights, double total, int channel, double[]? grey)
    {
        var (h, g) = (new double[Bands * Bands], new double[Bands]);
        Span<double> row = stackalloc double[Bands];
        for (var i = 0; i < subset.Count; i++)
        {
            for (var c = channel < 0 ? 0 : channel; c < (channel < 0 ? 3 : channel + 1); c++)
            {
                var a = albedo[(3 * i) + c];
                var deviation = prior.ColourSigma * (colours[i][c] + 0.03);
                var w = weights[i] * prior.Samples / total / (deviation * deviation) / (channel < 0 ? 3 : 1);
                for (var k = 0; k < Bands; k++)
                {
                    row[k] = a * basis[(i * Bands) + k];
                }

                AddRow(h, g, row, colours[i][c], w);
            }
        }

        if (grey is null)
        {
            var (brightness, held) = (prior.Brightness * _exposure, 0.005 * prior.Brightness * _exposure);
            AddRow(h, g, front, brightness, 1 / (held * held));
        }

        for (var k = 0; k < Bands; k++)
        {
            var (mean, sigma) = grey is null ? (prior.Mean(k) * _exposure, prior.Sigma(k) * _exposure) : (grey[k], prior.ChromaSigma * _exposure);
            h[(k * Bands) + k] += 1 / (sigma * sigma);
            g[k] += mean / (sigma * sigma);
        }

        return Dense.SolveSymmetric(h, g, [.. Enumerable.Range(0, Bands)]);
    }

    private static void AddRow(Span<double> h, Span<double> g, ReadOnlySpan<double> row, double value, double weight)
    {
        for (var k = 0; k < row.Length; k++)
        {
            Dense.AddScaled(h.Slice(k * row.Length, k + 1), row[..(k + 1)], weight * row[k]);
            g[k] += weight * row[k] * value;
        }
    }

    private void SolveAlbedo(double[] basis, Vector3[] colours, double[] light, float[] weights, double total, double[] beta)
    {
        var m = beta.Length;
        if (m == 0)
        {
            return;
        }

        var (h, g, row) = (new double[m * m], new double[m], new double[m]);
        for (var i = 0; i < subset.Count; i++)
        {
            if (!(weights[i] > 0))
            {
                continue;
            }

            for (var c = 0; c < 3; c++)
            {
                var s = Shading(basis, light, i, c);
                var deviation = prior.ColourSigma * (colours[i][c] + 0.03);
                for (var k = 0; k < m; k++)
                {
                    row[k] = s * subset.AlbedoBasis[(k * 3 * subset.Count) + (3 * i) + c];
                }

                AddRow(h, g, row, colours[i][c] - (s * subset.AlbedoMean[(3 * i) + c]), weights[i] * prior.Samples / total / (deviation * deviation));
            }
        }

        for (var k = 0; k < m; k++)
        {
            h[(k * m) + k] += 1;
        }

        Dense.SolveSymmetric(h, g, [.. Enumerable.Range(0, m)]).CopyTo(beta, 0);
    }

    private static double Shading(double[] basis, double[] light, int vertex, int channel)
    {
        double s = 0;
        for (var k = 0; k < Bands; k++)
        {
            s += light[(3 * k) + channel] * basis[(vertex * Bands) + k];
        }

        return Math.Max(s, 0.02);
    }

    /// <summary>Hair, glasses, highlights: whatever differs by more than a few typical relative residuals counts little.</summary>
    private void Reweigh(double[] basis, Vector3[] colours, float[] albedo, double[] light, ReadOnlySpan<float> weights, float[] robust)
    {
        var residual = new double[subset.Count];
        for (var i = 0; i < subset.Count; i++)
        {
            for (var c = 0; c < 3; c++)
            {
                residual[i] += Math.Abs((Shading(basis, light, i, c) * albedo[(3 * i) + c]) - colours[i][c]) / (colours[i][c] + 0.03) / 3;
            }
        }

        RobustWeights.Apply(residual, weights, robust);
    }
}

/// <summary>What is known of light before a photograph is seen, in units of shading: a white surface lit so would have that colour.</summary>
/// <param name="Brightness">Mean shading over a face.</param>
/// <param name="BrightnessSigma">Deviation of its logarithm: exposure.</param>
/// <param name="ChromaSigma">Of a channel's coefficients about the grey ones, at exposure 1.</param>
/// <param name="ColourSigma">Relative deviation of a vertex's colour from the model's.</param>
/// <param name="Samples">Of how many independent colours the face counts.</param>
internal sealed record LightPrior(double Brightness, double BrightnessSigma, double ChromaSigma, double ColourSigma, double Samples)
{
    /// <summary>Brightness as measured on studio portraits with the learned albedo (`mosar model albedo` prints it).</summary>
    public static LightPrior Default { get; } = new(0.75, 0.25, 0.06, 0.15, 300);

    /// <summary>
    /// Middle of the grey coefficient eₖ. A lamp straight in front alone gives e₀ = 0.37 of the face's brightness, light from everywhere 1.
    /// Without this a face, which shows only the normals of its front, leaves the light of all other sides free to turn negative.
    /// </summary>
    public double Mean(int k) => k == 0 ? 0.68 * Brightness : 0;

    /// <summary>Deviation of the grey coefficient eₖ: a frontal lamp has 0.43 of the face's brightness in band 1 and 0.2 in band 2.</summary>
    public double Sigma(int k) => Brightness * (k == 0 ? 0.2 : k < 4 ? 0.3 : 0.12);
}
