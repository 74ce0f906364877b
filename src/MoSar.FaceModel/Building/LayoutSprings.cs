namespace MoSar.Faces.Building;

/// <summary>
/// The springs along the layout's edges. A spring's natural stiffness is one over the size wanted there. Such springs alone make a soap film:
/// it slips off what protrudes and spans what is hollow (nose, nostrils, helix), where an edge's chord is short but its way over the surface
/// long. So every now and then the edges that are long along the surface, for the size wanted there, are made stiffer.
/// </summary>
internal sealed class LayoutSprings
{
    // What is left of an edge's extra stiffness (its logarithm) at every adaptation, and what its length adds: in the end the stiffness
    // goes with the length to the power of Gain / (1 − Memory) = 2.5, enough to even out and too little to swing.
    private const double Memory = 0.8;
    private const double Gain = 0.5;
    private const double Limit = 100;

    private readonly int[][] _neighbours;
    private readonly float[][] _natural;

    public LayoutSprings(HeadBlocks blocks, int[][] neighbours)
    {
        _neighbours = neighbours;
        var size = Enumerable.Range(0, neighbours.Length).Select(v => Size(blocks, v)).ToArray();
        _natural = [.. neighbours.Select((ring, v) => ring.Select(u => 2 / (size[v] + size[u])).ToArray())];
        Weights = [.. _natural.Select(w => (float[])w.Clone())];
    }

    /// <summary>Stiffness, parallel to the neighbours of every vertex.</summary>
    public float[][] Weights { get; }

    /// <param name="length">Length of the edge between two vertices along the surface, millimetres; the same both ways.</param>
    public void Adapt(Func<int, int, double> length)
    {
        var excess = new double[Weights.Length][];
        double sum = 0;
        var count = 0;
        for (var v = 0; v < excess.Length; v++)
        {
            var (ring, natural, weights) = (_neighbours[v], _natural[v], Weights[v]);
            excess[v] = new double[ring.Length];
            for (var k = 0; k < ring.Length; k++)
            {
                var relative = Math.Max(length(v, ring[k]) * natural[k], 1e-6);
                excess[v][k] = (Memory * Math.Log(weights[k] / natural[k])) + (Gain * Math.Log(relative));
                sum += excess[v][k];
            }

            count += ring.Length;
        }

        // Only the relation of stiffnesses matters; without a fixed mean all would drift to the limit.
        var mean = sum / count;
        for (var v = 0; v < excess.Length; v++)
        {
            for (var k = 0; k < excess[v].Length; k++)
            {
                Weights[v][k] = _natural[v][k] * (float)Math.Clamp(Math.Exp(excess[v][k] - mean), 1 / Limit, Limit);
            }
        }
    }

    /// <summary>The edge length wanted around a vertex, relative to the face's. The surround may grow outwards.</summary>
    private static float Size(HeadBlocks blocks, int v)
    {
        var ring = blocks.Rings[v];
        return blocks.Blocks[v] switch
        {
            HeadBlock.Surround => 1.0f + (0.25f * ring),
            HeadBlock.Mouth when ring > HeadBlocks.LipContactRing + 2 => 0.5f + (0.4f * (ring - HeadBlocks.LipContactRing - 2)),
            HeadBlock.Mouth => 1 - (0.55f * Math.Min(1, (float)ring / HeadBlocks.LipContactRing)),
            HeadBlock.Eye when ring > HeadBlocks.LidRing => 0.6f + (0.3f * (ring - HeadBlocks.LidRing)),
            HeadBlock.Eye => 0.75f - (0.25f * ring / HeadBlocks.LidRing),
            HeadBlock.Nostril => 0.6f,
            HeadBlock.Ear => 1.3f - (0.08f * ring),
            _ => FaceSize(blocks.Lattice[v] & 255, blocks.Lattice[v] >> 8),
        };
    }

    // The wing of the nose has a narrow crease around it; its bridge bends less.
    private static float FaceSize(int column, int row) =>
        column < 9 && row is > 18 and < 28 ? 0.5f : column < 7 && row is > 18 and < 36 ? 0.6f : 1;
}
