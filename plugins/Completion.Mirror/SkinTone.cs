using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Completion;

/// <summary>
/// How far each cell of the photograph's texture is from the skin that the fitted model predicts there: the logarithm of the ratio of roots as
/// luminance and two chromaticities, less its median over the plain skin of the inner face. A cell is a square of texels, large enough to
/// average pores and single hairs away.
/// </summary>
internal sealed class SkinTone
{
    // Cells along a side of the atlas.
    private const int Cells = 512;

    // What a very even face gets as spread: no photograph fits the model better.
    private static readonly Vector3 Floor = new(0.08f, 0.03f, 0.03f);

    private SkinTone(AtlasRaster cells, int factor, bool[] seen, Vector3[] deviation, Vector3 spread) =>
        (Atlas, Factor, Seen, Deviation, Spread) = (cells, factor, seen, deviation, spread);

    public AtlasRaster Atlas { get; }

    /// <summary>Texels along a cell's side.</summary>
    public int Factor { get; }

    /// <summary>For each covered cell: whether the photograph shows it.</summary>
    public bool[] Seen { get; }

    /// <summary>For each covered cell: luminance, red − green, blue − green, in logarithms of roots; 0 is the face's plain skin.</summary>
    public Vector3[] Deviation { get; }

    /// <summary>Robust standard deviations of the plain skin.</summary>
    public Vector3 Spread { get; }

    public static AtlasRaster CellAtlas(FaceTemplate template, int size) => AtlasRaster.For(template, size / FactorOf(size));

    public static SkinTone? Measure(Canvas canvas, HeadZones zones, AtlasRaster cells, Vector3[] colour, CancellationToken cancellation)
    {
        var (seen, deviation) = (new bool[cells.Covered.Length], new Vector3[cells.Covered.Length]);
        var model = cells.Interpolate([.. colour.Select(c => Vector3.SquareRoot(Vector3.Max(c, Vector3.Zero)))], cancellation);
        var factor = FactorOf(canvas.Size);
        cells.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var (sum, count) = (Vector3.Zero, 0);
                var (y, x) = Math.DivRem(cells.Covered[k], cells.Resolution);
                for (var t = 0; t < factor * factor; t++)
                {
                    var texel = (((y * factor) + (t / factor)) * canvas.Size) + (x * factor) + (t % factor);
                    if (canvas.Seen[texel])
                    {
                        sum += canvas.Root(texel);
                        count++;
                    }
                }

                seen[k] = count > 0;
                deviation[k] = count > 0 ? LogRatio(sum / count, model[k]) : Vector3.Zero;
            }
        });

        var plain = Enumerable.Range(0, seen.Length).Where(k => seen[k] && zones.Face[k] > 0.95f && zones.Side[k] < 0.05f && zones.Feature[k] < 0.05f && zones.Stubble[k] < 0.3f && zones.Forehead[k] < 0.3f)
            .Select(k => deviation[k]).ToArray();
        if (plain.Length < 50)
        {
            return null;
        }

        var middle = Statistics.Median(plain);
        var spread = Vector3.Max(1.48f * Statistics.Median([.. plain.Select(d => Vector3.Abs(d - middle))]), Floor);
        for (var k = 0; k < seen.Length; k++)
        {
            deviation[k] = seen[k] ? deviation[k] - middle : Vector3.Zero;
        }

        return new SkinTone(cells, factor, seen, deviation, spread);
    }

    /// <summary>The cell on <see cref="Atlas"/>' grid in which a texel of the texture lies.</summary>
    public int CellOf(int texel, int size) => (texel / size / Factor * Atlas.Resolution) + (texel % size / Factor);

    private static int FactorOf(int size) => size % Cells == 0 ? size / Cells : 1;

    private static Vector3 LogRatio(Vector3 seen, Vector3 model)
    {
        const float dark = 0.03f;
        var ratio = (seen + new Vector3(dark)) / (model + new Vector3(dark));
        var (r, g, b) = (MathF.Log(ratio.X), MathF.Log(ratio.Y), MathF.Log(ratio.Z));
        return new Vector3((0.3f * r) + (0.5f * g) + (0.2f * b), r - g, b - g);
    }
}
