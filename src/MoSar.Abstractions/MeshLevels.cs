namespace MoSar;

/// <summary>
/// A mesh in ever fewer vertices, for networks that see the whole of a shape (CoMA, Ranjan et al. 2018): each level keeps a subset of the finer
/// one's vertices, so going down is a selection; going up, every fine vertex hangs on a triangle of the coarser level.
/// </summary>
/// <param name="Levels">The finest first: the template itself.</param>
/// <param name="Steps">One fewer than levels: from level k to k + 1 and back.</param>
public sealed record MeshPyramid(IReadOnlyList<MeshLevel> Levels, IReadOnlyList<MeshStep> Steps);

/// <summary>One level of a pyramid, W vertices.</summary>
public sealed record MeshLevel
{
    /// <summary>W vertices of the template, rising.</summary>
    public required int[] Vertices { get; init; }

    /// <summary>3 indices of this level (0 to W − 1) a triangle, counter-clockwise from outside.</summary>
    public required int[] Triangles { get; init; }

    /// <summary>2 indices of this level an edge, the smaller first, each edge once. On the finest level those of the template's faces, without the quads' diagonals.</summary>
    public required int[] Edges { get; init; }
}

/// <summary>Between a level of W vertices and the next coarser one of w.</summary>
/// <param name="Down">w indices of the finer level: the vertices that are kept.</param>
/// <param name="UpCorners">3 indices of the coarser level for each of the W fine vertices.</param>
/// <param name="UpWeights">3 weights to them, not negative, of sum 1; a kept vertex is its own corner with weight 1.</param>
public sealed record MeshStep(int[] Down, int[] UpCorners, float[] UpWeights);

/// <summary>The regions of a head that are described one by one (Aliari et al. 2023); every vertex belongs to one at least.</summary>
/// <param name="Names">A name a part.</param>
/// <param name="Weights">V weights in [0, 1] a part; above 0 is in the part. Mirror-symmetric.</param>
public sealed record MeshParts(IReadOnlyList<string> Names, IReadOnlyList<float[]> Weights);
