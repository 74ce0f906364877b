using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>A sparse matrix by rows that carries a field over the source's vertices to one over others; every row sums to 1.</summary>
internal sealed class SparseRows
{
    private readonly int[] _start;
    private readonly int[] _column;
    private readonly float[] _weight;

    public SparseRows(IReadOnlyList<IReadOnlyList<(int Column, float Weight)>> rows)
    {
        _start = new int[rows.Count + 1];
        for (var r = 0; r < rows.Count; r++)
        {
            _start[r + 1] = _start[r] + rows[r].Count;
        }

        _column = new int[_start[^1]];
        _weight = new float[_start[^1]];
        for (var r = 0; r < rows.Count; r++)
        {
            for (var k = 0; k < rows[r].Count; k++)
            {
                (_column[_start[r] + k], _weight[_start[r] + k]) = rows[r][k];
            }
        }
    }

    public int Count => _start.Length - 1;

    public ReadOnlySpan<int> Columns(int row) => _column.AsSpan(_start[row], _start[row + 1] - _start[row]);

    public ReadOnlySpan<float> Weights(int row) => _weight.AsSpan(_start[row], _start[row + 1] - _start[row]);

    public Vector3[] Apply(Vector3[] field)
    {
        var result = new Vector3[Count];
        for (var r = 0; r < result.Length; r++)
        {
            var sum = Vector3.Zero;
            for (var k = _start[r]; k < _start[r + 1]; k++)
            {
                sum += _weight[k] * field[_column[k]];
            }

            result[r] = sum;
        }

        return result;
    }
}
