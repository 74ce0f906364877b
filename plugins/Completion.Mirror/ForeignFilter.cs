using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Completion;

/// <summary>
/// Takes back what is not skin where skin should be: hair that hangs over cheeks, jaw and ears, collars and straps on the neck, and the background
/// where face and ears end, for the fit is never exact there. Hair above the ends of sideburns stays, if the head shows hair at all. The inner face is
/// never doubted. What is certainly foreign (<see cref="Foreignness"/> ≥ 1) grows into its doubtful rim and a margin, so that no
/// fringe stays behind for the completion to spread.
/// </summary>
internal sealed class ForeignFilter
{
    private const float Certain = 1, Likely = 0.7f, Doubtful = 0.5f;

    // mm²: a mole is smaller; at the border of what is seen and on the neck it need not be as large, for there it is rarely a mole.
    private const float Mole = 60, Speck = 8, Chain = 25;

    // mm² of kept skin that foreign things cut off from the rest.
    private const float Island = 350;

    // An ear of which this part is rejected is rejected wholly: what is left of it are scraps of lobe and rim.
    private const float HiddenEar = 0.15f;

    // Cells of 1/512 of the atlas.
    private const int Margin = 5, EarMargin = 2, NeckEdge = 3, FeatureMargin = 6, Rim = 8;

    // Of the scalp that is seen last before it turns away, this part must be hair for the head to be shown with hair.
    private const float Haired = 0.05f;

    private readonly AtlasRaster _cells;
    private readonly CellMask _mask;
    private readonly HeadZones _zones;
    private readonly SkinTone _tone;
    private readonly Foreignness _foreign;

    // Over the grid: what is seen, what is never doubted, how much each cell is hair of the head, its mm².
    private readonly bool[] _seen;
    private readonly bool[] _trusted;
    private readonly float[] _hair;
    private readonly float[] _area;
    private readonly bool[] _ear;
    private readonly bool[] _neck;
    private readonly bool[] _side;

    private ForeignFilter(AtlasRaster cells, HeadZones zones, SkinTone tone, Vector3[] positions)
    {
        (_cells, _mask, _zones, _tone, _foreign) = (cells, new CellMask(cells), zones, tone, Foreignness.Measure(tone, zones));
        _seen = Over(k => tone.Seen[k]);
        _side = Over(k => zones.Side[k] > 0.5f);
        _neck = Over(k => zones.Neck[k] > 0.5f);
        _ear = Over(k => zones.Ears[k] > 0.5f);
        _trusted = _mask.Grow(Over(k => zones.Feature[k] > 0.3f), Steps(FeatureMargin), _ => true);
        _hair = new float[_seen.Length];
        var triangles = cells.Derivatives(positions).Select(d => Vector3.Cross(d.Right, d.Down).Length()).ToArray();
        _area = [.. cells.Triangle.Select(t => t < 0 ? 0 : triangles[t])];
    }

    /// <returns>Null for a head that shows no hair.</returns>
    public static Hair? Apply(Canvas canvas, Mesh mesh, Vector3[] colour, CancellationToken cancellation)
    {
        var cells = SkinTone.CellAtlas(mesh.Template, canvas.Size);
        var zones = HeadZones.Make(cells, mesh.Positions, cancellation);
        if (SkinTone.Measure(canvas, zones, cells, colour, cancellation) is not { } tone)
        {
            return null;
        }

        var filter = new ForeignFilter(cells, zones, tone, mesh.Positions);
        var haired = filter.HasHair();
        if (haired)
        {
            filter.FindHair();
        }

        var rejected = filter.Reject();
        canvas.Reject(texel => rejected[tone.CellOf(texel, canvas.Size)]);
        return haired ? new Hair(filter._hair, tone, canvas.Size, zones.VertexTemple) : null;
    }

    // What the scalp shows just before it turns away is what it goes on with: hair even behind a high forehead, skin on a bald head.
    private bool HasHair()
    {
        var rim = _mask.Grow(Over(k => !_tone.Seen[k] && _zones.Scalp[k] > 0.5f), Steps(Rim), _ => true);
        var (hair, all) = (0, 0);
        for (var k = 0; k < _zones.Scalp.Length; k++)
        {
            if (_tone.Seen[k] && _zones.Scalp[k] > 0.5f && rim[_cells.Covered[k]])
            {
                all++;
                hair += _foreign.Absolute[k] >= Likely && _tone.Deviation[k].X < 0 ? 1 : 0;
            }
        }

        return hair > Haired * all;
    }

    // On the scalp, and on the face down to the ends of sideburns. What is brighter than skin is shine, or on the face background.
    private void FindHair()
    {
        for (var k = 0; k < _zones.Scalp.Length; k++)
        {
            var (cell, scalp) = (_cells.Covered[k], _zones.Scalp[k] > 0.5f);
            var head = (scalp || _zones.Face[k] * _zones.Temple[k] > 0.5f) && _tone.Deviation[k].X < 0;
            _hair[cell] = head ? Math.Clamp((_foreign.Absolute[k] - Doubtful) / (Certain - Doubtful), 0, 1) * (1 - _zones.Feature[k]) : 0;
            _trusted[cell] |= scalp;
        }
    }

    private bool[] Reject()
    {
        var doubted = Over(k => MathF.Max(MathF.Max(_zones.Side[k] * _zones.Face[k], _zones.Scalp[k]), MathF.Max(_zones.Neck[k], _zones.Ears[k])) > 0.5f);
        var certain = Over(k => _foreign.Local[k] >= Certain);
        var open = Over(k => _foreign.Local[k] >= Doubtful && _zones.Inner[k] < 0.5f);
        bool[] core = [.. certain.Select((c, i) => c && doubted[i] && MayGo(i))];
        var rejected = new bool[core.Length];
        foreach (var part in _mask.Parts(_mask.Grow(core, int.MaxValue, c => open[c] && MayGo(c))))
        {
            var border = part.Any(c => _mask.Neighbours(c).Any(n => !_seen[n]));
            if (Area(part) > (border ? Speck : _neck[part[0]] ? Chain : Mole))
            {
                part.ForEach(c => rejected[c] = true);
            }
        }

        BelowCollars(rejected);
        rejected = _mask.Grow(rejected, Steps(EarMargin), MayGo);
        rejected = _mask.Grow(rejected, Steps(Margin) - Steps(EarMargin), c => MayGo(c) && !_ear[c]);

        // At the sides of the neck the silhouette is nearest to being wrong.
        var edge = _mask.Grow([.. _seen.Select((s, c) => !s && _neck[c])], Steps(NeckEdge), c => _neck[c]);
        rejected = [.. rejected.Select((r, c) => r || (edge[c] && _side[c]))];
        DistrustEars(rejected);
        foreach (var part in _mask.Parts([.. _seen.Select((s, c) => s && !rejected[c])]))
        {
            if (!_ear[part[0]] && Area(part) < Island && part.Any(c => _mask.Neighbours(c).Any(n => rejected[n])))
            {
                part.ForEach(c => rejected[c] = true);
            }
        }

        return rejected;
    }

    private void DistrustEars(bool[] rejected)
    {
        for (var side = 0; side < 2; side++)
        {
            var left = side == 0;
            List<int> ear = [.. _cells.Covered.Where(c => _ear[c] && _seen[c] && c % _cells.Resolution < _cells.Resolution / 2 == left)];
            if (Area([.. ear.Where(c => rejected[c])]) > HiddenEar * Area(ear))
            {
                ear.ForEach(c => rejected[c] = true);
            }
        }
    }

    // Once a collar or strap is met, nothing below it towards the bust's edge is trusted: v grows downwards in the head's chart.
    private void BelowCollars(bool[] rejected)
    {
        var met = new bool[_cells.Resolution];
        for (var k = 0; k < _cells.Covered.Length; k++)
        {
            var cell = _cells.Covered[k];
            if (_neck[cell] && _seen[cell])
            {
                met[cell % met.Length] |= rejected[cell];
                rejected[cell] |= met[cell % met.Length];
            }
        }
    }

    private bool MayGo(int cell) => _seen[cell] && !_trusted[cell] && _hair[cell] < 0.5f;

    private float Area(List<int> part) => part.Sum(c => _area[c]);

    private int Steps(int of512) => Math.Max(1, of512 * _cells.Resolution / 512);

    private bool[] Over(Func<int, bool> holds)
    {
        var grid = new bool[_cells.Triangle.Length];
        for (var k = 0; k < _cells.Covered.Length; k++)
        {
            grid[_cells.Covered[k]] = holds(k);
        }

        return grid;
    }
}
