namespace MoSar.Faces.Building;

/// <summary>Which block of the layout a vertex belongs to.</summary>
internal enum HeadBlock : byte
{
    Face,
    Surround,
    Eye,
    Mouth,
    Nostril,
    Ear,
}

/// <summary>
/// Our connectivity, for the subject's left half: a lattice over the face; rings of quads around it that carry on over scalp and throat to
/// the nape; and wells, where a rectangle of a lattice gives way to concentric loops that end in the same rectangle at the bottom: around
/// the eye (through the lid margin into the socket), the mouth (through the lips into the mouth), the nostril and the ear. All quads; the
/// only irregular vertices are the wells' corners (valence 5 outside, 3 at the bottom) and the face lattice's two outer corners (3).
/// </summary>
internal sealed class HeadBlocks
{
    // Face lattice: columns from the midline to the front of the ear, rows from under the chin to the hairline.
    public const int Columns = 42;
    public const int Rows = 65;
    public const int SurroundRings = 12;
    public const int EarColumns = 7;
    public const int EarRows = 25;
    public const int NostrilSide = 4;

    private const int MouthColumns = 10;
    private const int MouthRow = 7;
    private const int MouthRows = 12;
    private const int EyeColumn = 4;
    private const int EyeColumns = 14;
    private const int EyeRow = 35;
    private const int EyeRows = 10;
    private const int EarColumn = 33;
    private const int EarRow = 17;

    // Of the outermost ring, counted from the throat: so much is the neck's border, the rest is sewn up along the back of the head.
    private const int BorderEdges = Columns + 10;

    private readonly List<int[]> _mouthLoops = [];
    private readonly List<int> _quads = [];
    private readonly List<HeadBlock> _blocks = [];
    private readonly List<int> _rings = [];

    private HeadBlocks()
    {
        var face = NewLattice(Columns + 1, Rows + 1, HeadBlock.Face, (_, _) => -1);
        var path = Path(face, 0, 0, Columns, Rows);
        var length = path.Length - 1;
        var surround = NewLattice(SurroundRings + 1, length + 1, HeadBlock.Surround, (q, p) => q == 0 ? path[p] : -1);
        LipContact = Well(face, 0, MouthRow, MouthColumns, MouthRows, HeadBlock.Mouth, rings: 19, pinned: LipContactRing);
        LidMargin = Well(face, EyeColumn, EyeRow, EyeColumns, EyeRows, HeadBlock.Eye, rings: 14, pinned: LidRing);
        NostrilRim = Well(face, 1, 20, NostrilSide, NostrilSide, HeadBlock.Nostril, rings: 5, pinned: 1);
        Well(face, EarColumn, EarRow, EarColumns, EarRows, HeadBlock.Ear, rings: 9, pinned: 0);
        Fill(face);
        Fill(surround);
        Pole = surround[SurroundRings, length];
        NeckBorder = [.. Enumerable.Range(0, BorderEdges + 1).Select(p => surround[SurroundRings, p])];
        Chin = face[0, 0];
        NoseBase = face[0, MouthRow + MouthRows];
        Bridge = face[0, EyeRow];
        Glabella = face[0, EyeRow + EyeRows];
        Hairline = face[0, Rows];
        EarRim = Path(face, EarColumn, EarRow, EarColumns, EarRows);
        Lattice = new int[_blocks.Count];
        for (var j = 0; j <= Rows; j++)
        {
            for (var i = 0; i <= Columns; i++)
            {
                Lattice[face[i, j]] = (j << 8) | i;
            }
        }

        Quads = [.. _quads];
        Blocks = [.. _blocks];
        Rings = [.. _rings];
        VertexCount = _blocks.Count;
        Compact();
        Boundary = WalkBoundary();
    }

    /// <summary>Loops from the mouth block's rim to where the lips meet.</summary>
    public const int LipContactRing = 11;

    /// <summary>Loops from the orbit to the lid margin.</summary>
    public const int LidRing = 10;

    public int VertexCount { get; private set; }

    /// <summary>4 vertices a face, counter-clockwise seen from outside.</summary>
    public int[] Quads { get; private set; }

    public HeadBlock[] Blocks { get; private set; }

    /// <summary>The loop of a well, or the ring of the surround; 0 in the face lattice.</summary>
    public int[] Rings { get; private set; }

    /// <summary>The vertex where front and back of the midline meet on the crown; one quad each side: the two are merged when mirrored.</summary>
    public int Pole { get; private set; }

    /// <summary>From the throat to the nape.</summary>
    public int[] NeckBorder { get; private set; }

    /// <summary>Where the lips meet, from the lower lip's midline over the corner to the upper lip's.</summary>
    public int[] LipContact { get; private set; }

    /// <summary>The loops around the mouth, number 1 first, each from the lower lip's midline over the corner to the upper lip's.</summary>
    public int[][] MouthLoops { get; private set; } = [];

    /// <summary>The lid margin, a closed loop counter-clockwise from the block's medial lower corner.</summary>
    public int[] LidMargin { get; private set; }

    /// <summary>The nostril's rim, a closed loop counter-clockwise from the block's medial lower corner, <see cref="NostrilSide"/> edges a side.</summary>
    public int[] NostrilRim { get; private set; }

    /// <summary>The index in <see cref="LidMargin"/> of the lateral canthus; the medial one is half the loop further.</summary>
    public static int LateralCanthus => EyeColumns + (EyeRows / 2);

    /// <summary>The index in <see cref="LipContact"/> of the mouth's corner.</summary>
    public static int MouthCorner => MouthColumns + (MouthRows / 2);

    /// <summary>The rim of the block around the ear, counter-clockwise from its lower front corner: <see cref="EarColumns"/> edges back, <see cref="EarRows"/> up, and round.</summary>
    public int[] EarRim { get; private set; }

    /// <summary>Of face lattice vertices: row · 256 + column.</summary>
    public int[] Lattice { get; private set; }

    public int Chin { get; private set; }

    public int NoseBase { get; private set; }

    public int Bridge { get; private set; }

    public int Glabella { get; private set; }

    public int Hairline { get; private set; }

    /// <summary>The half's boundary from the throat's corner up the front midline, over the pole, down the back, and along the neck's border.</summary>
    public int[] Boundary { get; private set; }

    public static HeadBlocks Make() => new();

    private int[,] NewLattice(int width, int height, HeadBlock block, Func<int, int, int> given)
    {
        var lattice = new int[width, height];
        for (var j = 0; j < height; j++)
        {
            for (var i = 0; i < width; i++)
            {
                var id = given(i, j);
                lattice[i, j] = id >= 0 ? id : NewVertex(block, block == HeadBlock.Surround ? i : 0);
            }
        }

        return lattice;
    }

    private int NewVertex(HeadBlock block, int ring)
    {
        _blocks.Add(block);
        _rings.Add(ring);
        return _blocks.Count - 1;
    }

    /// <summary>Around a rectangle, counter-clockwise from its lower left corner; open when the rectangle stands on the midline.</summary>
    private static int[] Path(int[,] lattice, int i0, int j0, int width, int height)
    {
        var path = new List<int>();
        for (var i = 0; i < width; i++)
        {
            path.Add(lattice[i0 + i, j0]);
        }

        for (var j = 0; j < height; j++)
        {
            path.Add(lattice[i0 + width, j0 + j]);
        }

        for (var i = width; i > 0; i--)
        {
            path.Add(lattice[i0 + i, j0 + height]);
        }

        if (i0 == 0)
        {
            path.Add(lattice[0, j0 + height]);
            return [.. path];
        }

        for (var j = height; j > 0; j--)
        {
            path.Add(lattice[i0, j0 + j]);
        }

        return [.. path];
    }

    private int[] Well(int[,] lattice, int i0, int j0, int width, int height, HeadBlock block, int rings, int pinned)
    {
        var open = i0 == 0;
        var outer = Path(lattice, i0, j0, width, height);
        int[] kept = [];
        for (var r = 1; r <= rings; r++)
        {
            var ring = r;
            var inner = outer.Select(_ => NewVertex(block, ring)).ToArray();
            for (var s = 0; s < outer.Length - (open ? 1 : 0); s++)
            {
                var n = (s + 1) % outer.Length;
                _quads.AddRange([outer[s], outer[n], inner[n], inner[s]]);
            }

            outer = inner;
            if (block == HeadBlock.Mouth)
            {
                _mouthLoops.Add(inner);
            }

            if (r == pinned)
            {
                kept = inner;
            }
        }

        var bottom = new int[width + 1, height + 1];
        var rim = 0;
        for (var i = 0; i < width; i++)
        {
            bottom[i, 0] = outer[rim++];
        }

        for (var j = 0; j < height; j++)
        {
            bottom[width, j] = outer[rim++];
        }

        for (var i = width; i > 0; i--)
        {
            bottom[i, height] = outer[rim++];
        }

        for (var j = height; j > (open ? height - 1 : 0); j--)
        {
            bottom[0, j] = outer[rim++];
        }

        for (var j = 1; j < height; j++)
        {
            for (var i = open ? 0 : 1; i < width; i++)
            {
                bottom[i, j] = NewVertex(block, rings + 1);
            }
        }

        Fill(bottom);
        for (var j = 0; j < height; j++)
        {
            for (var i = 0; i < width; i++)
            {
                // The corner mark of a removed cell: Fill passes it over.
                _removed.Add((lattice[i0 + i, j0 + j], lattice[i0 + i + 1, j0 + j + 1]));
            }
        }

        return kept;
    }

    private readonly HashSet<(int, int)> _removed = [];

    private void Fill(int[,] lattice)
    {
        for (var j = 0; j + 1 < lattice.GetLength(1); j++)
        {
            for (var i = 0; i + 1 < lattice.GetLength(0); i++)
            {
                if (!_removed.Contains((lattice[i, j], lattice[i + 1, j + 1])))
                {
                    _quads.AddRange([lattice[i, j], lattice[i + 1, j], lattice[i + 1, j + 1], lattice[i, j + 1]]);
                }
            }
        }
    }

    /// <summary>Drops the lattice vertices that the wells took out.</summary>
    private void Compact()
    {
        var index = new int[VertexCount];
        Array.Fill(index, -1);
        foreach (var v in Quads)
        {
            index[v] = 0;
        }

        var count = 0;
        for (var v = 0; v < index.Length; v++)
        {
            if (index[v] == 0)
            {
                index[v] = count++;
            }
        }

        Blocks = [.. Blocks.Where((_, v) => index[v] >= 0)];
        Rings = [.. Rings.Where((_, v) => index[v] >= 0)];
        Quads = [.. Quads.Select(v => index[v])];
        NeckBorder = [.. NeckBorder.Select(v => index[v])];
        LipContact = [.. LipContact.Select(v => index[v])];
        LidMargin = [.. LidMargin.Select(v => index[v])];
        NostrilRim = [.. NostrilRim.Select(v => index[v])];
        EarRim = [.. EarRim.Select(v => index[v])];
        MouthLoops = [.. _mouthLoops.Select(loop => loop.Select(v => index[v]).ToArray())];
        Lattice = [.. Lattice.Where((_, v) => index[v] >= 0)];
        (Pole, Chin, NoseBase, Bridge, Glabella, Hairline) = (index[Pole], index[Chin], index[NoseBase], index[Bridge], index[Glabella], index[Hairline]);
        VertexCount = count;
    }

    private int[] WalkBoundary()
    {
        var next = HalfEdges.Boundary(Quads);
        var start = NeckBorder[0];

        // Boundary half-edges run clockwise around the surface's inside: from the throat along the neck's border first.
        var loop = new List<int> { start };
        for (var v = next[start]; v != start; v = next[v])
        {
            loop.Add(v);
        }

        return loop[1] == NeckBorder[1] ? [start, .. Enumerable.Reverse(loop.Skip(1))] : [.. loop];
    }
}
