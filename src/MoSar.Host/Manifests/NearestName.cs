namespace MoSar.Host.Manifests;

/// <summary>What someone may have meant.</summary>
public static class NearestName
{
    /// <summary>The candidate with the fewest edits (insert, delete, replace, swap neighbours), if few enough to be a slip; else null.</summary>
    public static string? Find(string written, IEnumerable<string> candidates)
    {
        var best = candidates
            .Select(c => (Name: c, Edits: Edits(written.ToLowerInvariant(), c.ToLowerInvariant())))
            .OrderBy(c => c.Edits).ThenBy(c => c.Name, StringComparer.Ordinal)
            .FirstOrDefault((Name: string.Empty, Edits: int.MaxValue));
        return best.Edits <= Math.Max(2, written.Length / 3) ? best.Name : null;
    }

    /// <summary>Optimal string alignment distance.</summary>
    internal static int Edits(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            d[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            d[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var same = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + same);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
