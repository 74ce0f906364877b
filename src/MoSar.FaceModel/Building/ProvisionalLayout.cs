using System.Numerics;
using MoSar.Faces.Source;

namespace MoSar.Faces.Building;

/// <summary>A stand-in until the block layout is there: the source's own connectivity without teeth and gums, unrolled around the head's axis.</summary>
internal static class ProvisionalLayout
{
    public static TemplateLayout Make(SourceHead source)
    {
        var keep = Enumerable.Range(0, source.Positions.Length).Where(i => source.Parts[i] is not (HeadPart.Gums or HeadPart.Teeth)).ToArray();
        var index = new int[source.Positions.Length];
        Array.Fill(index, -1);
        for (var i = 0; i < keep.Length; i++)
        {
            index[keep[i]] = i;
        }

        var faces = new List<int>();
        for (var f = 0; f < source.Faces.Length; f += 4)
        {
            if (index[source.Faces[f]] >= 0)
            {
                faces.AddRange(source.Faces[f..(f + 4)].Select(v => v < 0 ? -1 : index[v]));
            }
        }

        var positions = keep.Select(i => source.Positions[i]).ToArray();
        var parts = keep.Select(i => source.Parts[i]).ToArray();
        return new TemplateLayout
        {
            Id = "mosar-head/0",
            Faces = [.. faces],
            FaceUvs = [.. faces],
            Uvs = [.. positions.Zip(parts, Uv)],
            Mirror = Mirror(positions),
            Parts = parts,
            FromSource = new SparseRows([.. keep.Select(i => new[] { (i, 1f) })]),
        };
    }

    private static Vector2 Uv(Vector3 p, HeadPart part)
    {
        var angle = MathF.Atan2(p.X, p.Z) / MathF.PI;
        return part switch
        {
            HeadPart.Skin => new Vector2(.5f + (.5f * angle), .9f * (150 - p.Y) / 345),
            HeadPart.MouthSocket => new Vector2(.5f + (.001f * p.X), .95f),
            _ => new Vector2((p.X < 0 ? .25f : .75f) + (.0015f * (p.X - (p.X < 0 ? -31 : 31))), .95f - (.0015f * (p.Y - 36))),
        };
    }

    private static int[] Mirror(Vector3[] positions)
    {
        var probe = new Dictionary<(int, int, int), List<int>>();
        for (var i = 0; i < positions.Length; i++)
        {
            var key = Cell(positions[i]);
            (probe.TryGetValue(key, out var list) ? list : probe[key] = []).Add(i);
        }

        var mirror = new int[positions.Length];
        for (var i = 0; i < positions.Length; i++)
        {
            var p = positions[i] * new Vector3(-1, 1, 1);
            var (x, y, z) = Cell(p);
            var best = float.MaxValue;
            for (var n = 0; n < 27; n++)
            {
                if (!probe.TryGetValue((x + (n % 3) - 1, y + (n / 3 % 3) - 1, z + (n / 9) - 1), out var list))
                {
                    continue;
                }

                foreach (var j in list)
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

    private static (int, int, int) Cell(Vector3 p) => ((int)MathF.Floor(p.X / 3), (int)MathF.Floor(p.Y / 3), (int)MathF.Floor(p.Z / 3));
}
