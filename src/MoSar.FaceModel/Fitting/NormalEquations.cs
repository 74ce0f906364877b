namespace MoSar.Faces.Fitting;

/// <summary>JᵀWJ, of which only the lower triangle is kept, and JᵀWr of n unknowns, gathered row by row.</summary>
internal sealed class NormalEquations(int n)
{
    private readonly double[] _hessian = new double[n * n];
    private readonly double[] _gradient = new double[n];

    public ReadOnlySpan<double> Gradient => _gradient;

    public void Clear()
    {
        Array.Clear(_hessian);
        Array.Clear(_gradient);
    }

    /// <summary>A residual and its derivatives by every unknown.</summary>
    public void AddRow(ReadOnlySpan<double> row, double residual, double weight)
    {
        for (var i = 0; i < n; i++)
        {
            var scaled = row[i] * weight;
            if (scaled != 0)
            {
                Dense.AddScaled(_hessian.AsSpan(i * n, i + 1), row[..(i + 1)], scaled);
                _gradient[i] += scaled * residual;
            }
        }
    }

    /// <summary>A residual that is one unknown's own, such as a prior.</summary>
    public void AddDiagonal(int index, double weight, double residual)
    {
        _hessian[(index * n) + index] += weight;
        _gradient[index] += weight * residual;
    }

    public void AddBelowDiagonal(int row, int column, double value) => _hessian[(row * n) + column] += value;

    /// <summary>The step of the free unknowns; 0 for the others.</summary>
    public double[] Solve(IReadOnlyList<int> free) => Dense.SolveSymmetric(_hessian, _gradient, free);
}
