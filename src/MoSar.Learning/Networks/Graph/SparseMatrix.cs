namespace MoSar.Learning.Networks;

/// <summary>A fixed sparse matrix in compressed rows, float32: Laplacians, and the steps between a mesh's levels.</summary>
public sealed class SparseMatrix
{
    private readonly Lazy<SparseMatrix> _transposed;

    /// <param name="rowStart">Rows + 1 places in <paramref name="columnIndex"/>.</param>
    /// <param name="columnIndex">The column of each value, rising within a row.</param>
    public SparseMatrix(int rows, int columns, int[] rowStart, int[] columnIndex, float[] values)
    {
        if (rowStart.Length != rows + 1 || rowStart[^1] != columnIndex.Length || columnIndex.Length != values.Length)
        {
            throw new ArgumentException($"{rowStart.Length} row starts up to {rowStart[^1]} do not fit {rows} rows with {columnIndex.Length} columns and {values.Length} values");
        }

        (Rows, Columns, RowStart, ColumnIndex, Values) = (rows, columns, rowStart, columnIndex, values);
        if (columnIndex.Any(c => c < 0 || c >= columns))
        {
            throw new ArgumentException($"a column is not below {columns}", nameof(columnIndex));
        }

        _transposed = new Lazy<SparseMatrix>(() => FromEntries(Columns, Rows, Entries().Select(e => (e.Column, e.Row, e.Value))));
    }

    public int Rows { get; }

    public int Columns { get; }

    public int[] RowStart { get; }

    public int[] ColumnIndex { get; }

    public float[] Values { get; }

    /// <summary>Made when first asked for.</summary>
    public SparseMatrix Transposed => _transposed.Value;

    /// <summary>From single entries in any order; those of one place are added up.</summary>
    public static SparseMatrix FromEntries(int rows, int columns, IEnumerable<(int Row, int Column, float Value)> entries)
    {
        var sorted = entries.GroupBy(e => (e.Row, e.Column)).Select(g => (g.Key.Row, g.Key.Column, Value: g.Sum(e => e.Value))).OrderBy(e => e.Row).ThenBy(e => e.Column).ToArray();
        var start = new int[rows + 1];
        foreach (var e in sorted)
        {
            start[e.Row + 1]++;
        }

        for (var r = 0; r < rows; r++)
        {
            start[r + 1] += start[r];
        }

        return new SparseMatrix(rows, columns, start, [.. sorted.Select(e => e.Column)], [.. sorted.Select(e => e.Value)]);
    }

    /// <summary>
    /// L̃ = 2L/λ − I of the normalised Laplacian L = I − D^−½ A D^−½ with λ = 2, the largest that an eigenvalue can be: −D^−½ A D^−½. Symmetric,
    /// eigenvalues in [−1, 1], where Chebyshev polynomials live (Defferrard et al. 2016).
    /// </summary>
    /// <param name="edges">2 vertices an edge, each edge once.</param>
    public static SparseMatrix ScaledLaplacian(int vertexCount, IReadOnlyList<int> edges)
    {
        var degree = new int[vertexCount];
        for (var e = 0; e < edges.Count; e++)
        {
            degree[edges[e]]++;
        }

        return FromEntries(vertexCount, vertexCount, Enumerable.Range(0, edges.Count / 2).SelectMany(e =>
        {
            var (a, b) = (edges[2 * e], edges[(2 * e) + 1]);
            var value = (float)(-1 / Math.Sqrt((double)degree[a] * degree[b]));
            return new[] { (a, b, value), (b, a, value) };
        }));
    }

    /// <summary>Takes some rows: [kept.Length, columns].</summary>
    public static SparseMatrix Selection(IReadOnlyList<int> kept, int columns) => FromEntries(kept.Count, columns, kept.Select((k, i) => (i, k, 1f)));

    /// <summary>From a coarser level up to a finer one.</summary>
    public static SparseMatrix UpSampling(MeshStep step) =>
        FromEntries(step.UpCorners.Length / 3, step.Down.Length, step.UpCorners.Select((c, i) => (i / 3, c, step.UpWeights[i])).Where(e => e.Item3 != 0));

    public IEnumerable<(int Row, int Column, float Value)> Entries()
    {
        for (var r = 0; r < Rows; r++)
        {
            for (var k = RowStart[r]; k < RowStart[r + 1]; k++)
            {
                yield return (r, ColumnIndex[k], Values[k]);
            }
        }
    }
}
