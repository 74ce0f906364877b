using System.Globalization;
using System.Numerics;

namespace MoSar.Learning;

/// <summary>
/// The hand-placed points of a portrait, as webmorph's <c>.tem</c> files store them: first line the number of points, then one
/// <c>x y</c> a line in pixels, then the lines that join them (not read here).
/// </summary>
public sealed class TemPoints
{
    /// <summary>The number of points of the template whose meaning this project knows (FRL's standard template).</summary>
    public const int StandardCount = 189;

    /// <summary>Index of the outer eye corners, image left and right; their distance is the unit of every landmark error.</summary>
    private const int OuterCornerLeft = 18, OuterCornerRight = 27;

    /// <summary>Multi-PIE index → template points whose mean it is. Empty where the two have no twin: 60, 64 and the jaw 0–16.</summary>
    private static readonly int[][] Twins = MakeTwins();

    /// <summary>The eyelid points as mixtures that lie where the Multi-PIE definition puts them: (Multi-PIE index, first, second, weight of first).</summary>
    private static readonly (int Index, int First, int Second, float Weight)[] FinerEyelids =
    [
        (37, 19, 20, 0.8f), (38, 21, 20, 0.65f), (40, 30, 29, 0.8f), (41, 28, 29, 0.8f),
        (44, 26, 25, 0.8f), (43, 24, 25, 0.65f), (47, 31, 32, 0.8f), (46, 33, 32, 0.8f),
    ];

    public TemPoints(IReadOnlyList<Vector2> points) => Points = points;

    /// <summary>All points, input pixels, in the file's order.</summary>
    public IReadOnlyList<Vector2> Points { get; }

    /// <summary>True when the file uses the 189-point template that the conversions below need.</summary>
    public bool IsStandard => Points.Count == StandardCount;

    /// <summary>The 49 Multi-PIE points, ascending, that have a twin in the template: every landmark error is over these.</summary>
    public static IReadOnlyList<int> Evaluated { get; } = [.. Enumerable.Range(0, 68).Where(i => Twins[i].Length > 0)];

    /// <summary>Template points 125–133: a polyline along the jaw's visible contour, from the image's left to its right.</summary>
    public IReadOnlyList<Vector2> JawContour => [.. Standard().Skip(125).Take(9)];

    /// <summary>Distance between the outer eye corners in pixels: 100 % of the error measure.</summary>
    public float OuterEyeDistance => Vector2.Distance(Standard()[OuterCornerLeft], Standard()[OuterCornerRight]);

    /// <summary>
    /// The points in Multi-PIE order, 68 of them, input pixels; NaN where the template has no twin (60, 64, jaw 0–16).
    /// </summary>
    /// <param name="finerEyelids">False: the definition every reported error uses (means of template points). True: eyelid points
    /// as weighted mixtures nearer to Multi-PIE's thirds.</param>
    /// <exception cref="InvalidOperationException">Not the 189-point template.</exception>
    public Vector2[] ToMultiPie(bool finerEyelids = false)
    {
        var source = Standard();
        var result = new Vector2[Twins.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var sum = Vector2.Zero;
            foreach (var j in Twins[i])
            {
                sum += source[j];
            }

            result[i] = Twins[i].Length == 0 ? new Vector2(float.NaN) : sum / Twins[i].Length;
        }

        if (finerEyelids)
        {
            foreach (var (index, first, second, weight) in FinerEyelids)
            {
                result[index] = Vector2.Lerp(source[second], source[first], weight);
            }
        }

        return result;
    }

    /// <exception cref="MoSarException">The file is missing, or is not a <c>.tem</c> file.</exception>
    public static TemPoints Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new MoSarException("points-missing", $"No landmark file '{path}'.");
        }

        using var reader = new StreamReader(path);
        if (!int.TryParse(reader.ReadLine(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var count) || count is < 1 or > 10_000)
        {
            throw Broken(path, 1, "the number of points");
        }

        var points = new Vector2[count];
        for (var i = 0; i < count; i++)
        {
            var parts = reader.ReadLine()?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];
            if (parts.Length != 2
                || !float.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var x) || !float.IsFinite(x)
                || !float.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var y) || !float.IsFinite(y))
            {
                throw Broken(path, i + 2, "a point as 'x y'");
            }

            points[i] = new Vector2(x, y);
        }

        return new TemPoints(points);
    }

    private static MoSarException Broken(string path, int line, string expected) =>
        new("points-broken", $"{path}:{line}: expected {expected}.", "Check that this is a webmorph .tem file.");

    private IReadOnlyList<Vector2> Standard() => IsStandard
        ? Points
        : throw new InvalidOperationException($"These {Points.Count} points are not the {StandardCount}-point template.");

    private static int[][] MakeTwins()
    {
        var t = new int[68][];
        Array.Fill(t, []);
        t[17] = [71, 72];
        t[18] = [72];
        t[19] = [73];
        t[20] = [74, 75];
        t[21] = [75];
        t[22] = [78];
        t[23] = [78, 79];
        t[24] = [80];
        t[25] = [81];
        t[26] = [81, 82];
        t[27] = [50, 56];
        t[28] = [51, 57, 52, 58];
        t[29] = [52, 58, 53, 59];
        t[30] = [54, 60];
        t[31] = [64];
        t[32] = [170];
        t[33] = [55];
        t[34] = [172];
        t[35] = [69];
        t[36] = [18];
        t[37] = [19];
        t[38] = [21];
        t[39] = [22];
        t[40] = [30];
        t[41] = [28];
        t[42] = [23];
        t[43] = [24];
        t[44] = [26];
        t[45] = [27];
        t[46] = [33];
        t[47] = [31];
        t[48] = [87];
        t[49] = [88];
        t[50] = [89];
        t[51] = [90];
        t[52] = [91];
        t[53] = [92];
        t[54] = [93];
        t[55] = [108];
        t[56] = [107];
        t[57] = [106];
        t[58] = [105];
        t[59] = [104];
        t[61] = [95, 94];
        t[62] = [96];
        t[63] = [97, 98];
        t[65] = [102, 103];
        t[66] = [101];
        t[67] = [100, 99];
        return t;
    }
}
