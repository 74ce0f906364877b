using MoSar.Graphics;

namespace MoSar.Plugins.Completion;

/// <summary>Sets of an atlas' texels ("cells") and what neighbourhood does to them. Arrays are over the whole grid; empty texels belong to no set.</summary>
internal sealed class CellMask(AtlasRaster atlas)
{
    private readonly int _size = atlas.Resolution;

    /// <summary>The set and every cell within so many steps of it, through cells that are <paramref name="allowed"/>.</summary>
    public bool[] Grow(bool[] set, int steps, Func<int, bool> allowed)
    {
        var result = (bool[])set.Clone();
        var front = Members(set);
        for (var step = 0; step < steps && front.Count > 0; step++)
        {
            var next = new List<int>();
            foreach (var cell in front)
            {
                foreach (var n in Neighbours(cell))
                {
                    if (!result[n] && allowed(n))
                    {
                        result[n] = true;
                        next.Add(n);
                    }
                }
            }

            front = next;
        }

        return result;
    }

    /// <summary>The set's connected parts.</summary>
    public List<List<int>> Parts(bool[] set)
    {
        var (parts, done) = (new List<List<int>>(), new bool[set.Length]);
        foreach (var start in Members(set))
        {
            if (done[start])
            {
                continue;
            }

            var part = new List<int> { start };
            done[start] = true;
            for (var i = 0; i < part.Count; i++)
            {
                foreach (var n in Neighbours(part[i]))
                {
                    if (set[n] && !done[n])
                    {
                        done[n] = true;
                        part.Add(n);
                    }
                }
            }

            parts.Add(part);
        }

        return parts;
    }

    /// <summary>The four covered neighbours, or fewer.</summary>
    public IEnumerable<int> Neighbours(int cell)
    {
        var x = cell % _size;
        if (x > 0 && atlas.Triangle[cell - 1] >= 0)
        {
            yield return cell - 1;
        }

        if (x + 1 < _size && atlas.Triangle[cell + 1] >= 0)
        {
            yield return cell + 1;
        }

        if (cell >= _size && atlas.Triangle[cell - _size] >= 0)
        {
            yield return cell - _size;
        }

        if (cell + _size < atlas.Triangle.Length && atlas.Triangle[cell + _size] >= 0)
        {
            yield return cell + _size;
        }
    }

    private List<int> Members(bool[] set)
    {
        var members = new List<int>();
        foreach (var cell in atlas.Covered)
        {
            if (set[cell])
            {
                members.Add(cell);
            }
        }

        return members;
    }
}
