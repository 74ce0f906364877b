using System.Numerics;

namespace MoSar.Graphics;

/// <summary>Debevec, "A median cut algorithm for light probe sampling" (2005), on a summed-area table of luminance times solid angle.</summary>
internal sealed class MedianCut
{
    private readonly EnvironmentMap _map;
    private readonly double[] _table;
    private readonly int _width;
    private readonly int _height;

    internal MedianCut(EnvironmentMap map)
    {
        (_map, _width, _height) = (map, map.Pixels.Width, map.Pixels.Height);
        _table = new double[(_width + 1) * (_height + 1)];
        for (var y = 0; y < _height; y++)
        {
            var (row, solid) = (0.0, map.SolidAngle(y));
            for (var x = 0; x < _width; x++)
            {
                // A little of the solid angle itself, so that black skies are cut evenly, too.
                row += (Rec709.Luminance(map.Pixels.Rgb(x, y)) + 1e-6) * solid;
                _table[((y + 1) * (_width + 1)) + x + 1] = _table[(y * (_width + 1)) + x + 1] + row;
            }
        }
    }

    private readonly record struct Region(int X0, int Y0, int X1, int Y1, double Energy)
    {
        public bool IsTexel => X1 - X0 <= 1 && Y1 - Y0 <= 1;
    }

    internal DirectionalLight[] Split(int count)
    {
        var queue = new PriorityQueue<Region, (double, int)>();
        var done = new List<Region>();
        var number = 0;
        Add(Measure(0, 0, _width, _height));
        while (queue.Count > 0 && queue.Count + done.Count < count)
        {
            var region = queue.Dequeue();
            if (region.IsTexel)
            {
                done.Add(region);
                continue;
            }

            var (first, second) = Halve(region);
            Add(first);
            Add(second);
        }

        while (queue.TryDequeue(out var region, out _))
        {
            done.Add(region);
        }

        return [.. done.Select(Gather)];

        void Add(Region region) => queue.Enqueue(region, (-region.Energy, number++));
    }

    private (Region First, Region Second) Halve(Region r)
    {
        // The side that is longer on the sphere is cut: a column's width shrinks with the sine at the region's middle.
        var sine = Math.Sin(Math.PI * (r.Y0 + r.Y1) / (2.0 * _height));
        var wide = (r.X1 - r.X0) * sine * 2 * Math.PI / _width;
        var high = (r.Y1 - r.Y0) * Math.PI / _height;
        var cutX = r.X1 - r.X0 > 1 && (wide >= high || r.Y1 - r.Y0 <= 1);
        var (low, top) = cutX ? (r.X0 + 1, r.X1 - 1) : (r.Y0 + 1, r.Y1 - 1);
        while (low < top)
        {
            var middle = (low + top) / 2;
            var energy = cutX ? Energy(r.X0, r.Y0, middle, r.Y1) : Energy(r.X0, r.Y0, r.X1, middle);
            if (energy * 2 < r.Energy)
            {
                low = middle + 1;
            }
            else
            {
                top = middle;
            }
        }

        return cutX
            ? (Measure(r.X0, r.Y0, low, r.Y1), Measure(low, r.Y0, r.X1, r.Y1))
            : (Measure(r.X0, r.Y0, r.X1, low), Measure(r.X0, low, r.X1, r.Y1));
    }

    private DirectionalLight Gather(Region r)
    {
        var (radiance, solidSum) = (Vector3.Zero, 0.0);
        var (direction, fallback) = (Vector3.Zero, Vector3.Zero);
        for (var y = r.Y0; y < r.Y1; y++)
        {
            var solid = (float)_map.SolidAngle(y);
            for (var x = r.X0; x < r.X1; x++)
            {
                var (colour, d) = (_map.Pixels.Rgb(x, y), _map.Direction((x + 0.5f) / _width, (y + 0.5f) / _height));
                radiance += colour * solid;
                solidSum += solid;
                direction += d * (solid * Rec709.Luminance(colour));
                fallback += d * solid;
            }
        }

        var mean = direction.LengthSquared() > 0 ? direction : fallback;
        var middle = _map.Direction((r.X0 + r.X1) / (2f * _width), (r.Y0 + r.Y1) / (2f * _height));
        return new DirectionalLight(mean.Length() > 1e-12f ? Vector3.Normalize(mean) : middle, radiance, (float)solidSum);
    }

    private Region Measure(int x0, int y0, int x1, int y1) => new(x0, y0, x1, y1, Energy(x0, y0, x1, y1));

    private double Energy(int x0, int y0, int x1, int y1)
    {
        var w = _width + 1;
        return _table[(y1 * w) + x1] - _table[(y0 * w) + x1] - _table[(y1 * w) + x0] + _table[(y0 * w) + x0];
    }
}
