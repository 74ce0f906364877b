using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>For every point the one nearest to its mirror image across x = 0, by a hash of 3 mm cells.</summary>
internal static class NearestMirror
{
    private const float Cell = 3;

    public static int[] Of(Vector3[] positions)
    {
        var cells = new Dictionary<(int, int, int), List<int>>();
        for (var i = 0; i < positions.Length; i++)
        {
            var key = Key(positions[i]);
            (cells.TryGetValue(key, out var list) ? list : cells[key] = []).Add(i);
        }

        var mirror = new int[positions.Length];
        for (var i = 0; i < positions.Length; i++)
        {
            var p = positions[i] * new Vector3(-1, 1, 1);
            var (x, y, z) = Key(p);
            var best = float.MaxValue;
            for (var n = 0; n < 27; n++)
            {
                foreach (var j in cells.GetValueOrDefault((x + (n % 3) - 1, y + (n / 3 % 3) - 1, z + (n / 9) - 1)) ?? [])
                {
                    var d = Vector3.DistanceSquared(positions[j], p);
                    if (d < best)
                    {
                        (best, mirror[i]) = (d, j);
                    }
                }
            }
        }

        return mirror;
    }

    private static (int, int, int) Key(Vector3 p) => ((int)MathF.Floor(p.X / Cell), (int)MathF.Floor(p.Y / Cell), (int)MathF.Floor(p.Z / Cell));
}
