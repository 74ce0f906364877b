using System.Numerics;

namespace MoSar.LightStage.Skins;

/// <summary>
/// Wrinkles where faces have them: across the forehead, between the brows, beside and under the eyes, from the nose to the mouth and down
/// from its corners. Each is a line on the mean head with a depth and a width; age deepens them and adds some.
/// </summary>
internal sealed class Furrows
{
    private const int Samples = 13;

    // Beyond this many widths a furrow is nothing.
    private const float Reach = 3;

    private readonly List<Furrow> _all = [];
    private readonly SkinSpace _space;
    private readonly float[] _face;
    private Rng _rng;

    public Furrows(SkinSpace space, SkinParameters skin)
    {
        (_space, _rng) = (space, new Rng(skin.Seed ^ 0xF0220u));
        _face = space.Region("face");
        var l = space.Landmarks;
        var age = Math.Clamp((skin.Age - 20) / 55, 0, 1);
        var depth = skin.Wrinkles;

        var brow = (l[19].Y + l[24].Y) / 2;
        for (var i = 0; i < 2 + (int)(4 * age * _rng.Next()); i++)
        {
            var y = brow + 13 + (8.5f * i) + _rng.Range(-2, 2);
            var (from, to) = (_rng.Range(-42, -25), _rng.Range(25, 42));
            Add(t => new Vector3(float.Lerp(from, to, t), y - (5 * (t - 0.5f) * (t - 0.5f) * 4), l[27].Z + 10), depth * (0.02f + (0.2f * age)) * _rng.Range(0.4f, 1), 1.5f, 1.0f);
        }

        foreach (var side in (float[])[-1, 1])
        {
            var x = side * _rng.Range(5.5f, 9);
            Add(t => new Vector3(x + (side * 2 * t), l[27].Y + 1 + (17 * t), l[27].Z + 5), depth * (0.01f + (0.22f * age)) * _rng.Range(0.2f, 1), 0.9f, 0.4f);

            var (outer, inner, low) = side < 0 ? (l[36], l[39], (l[40] + l[41]) / 2) : (l[45], l[42], (l[46] + l[47]) / 2);
            for (var i = 0; i < 3 + (int)(3 * age); i++)
            {
                var angle = float.DegreesToRadians(_rng.Range(-38, 34));
                var length = _rng.Range(9, 15 + (9 * age));
                var start = outer + new Vector3(side * _rng.Range(4, 7), 3 * MathF.Sin(angle), -3);
                Add(t => start + (t * length * new Vector3(side * 0.55f * MathF.Cos(angle), MathF.Sin(angle), -0.75f * MathF.Cos(angle))), depth * (0.01f + (0.16f * age)) * _rng.Range(0.4f, 1), 0.55f, 0.6f);
            }

            for (var i = 0; i < 2; i++)
            {
                var drop = 6.5f + (4.5f * i) + _rng.Range(-1, 1);
                Add(t => Vector3.Lerp(inner, outer, 0.05f + (0.85f * t)) + new Vector3(0, (low.Y - ((inner.Y + outer.Y) / 2)) - drop + (3.5f * t), 0), depth * (0.02f + (0.18f * age)) * _rng.Range(0.4f, 1), 1.6f, 0.5f);
            }

            var (wing, corner) = side < 0 ? (l[31], l[48]) : (l[35], l[54]);
            Add(t => Vector3.Lerp(wing + new Vector3(side * 4, 4, -5), corner + new Vector3(side * 8, -3, -4), t) + new Vector3(side * 4 * MathF.Sin(MathF.PI * t), 0, 0), depth * (0.06f + (0.5f * age)) * _rng.Range(0.5f, 1), 3.4f, 0.3f);
            Add(t => corner + new Vector3(side * (4 + (3 * t)), -3 - (17 * t), -3), depth * 0.4f * age * _rng.Range(0.3f, 1), 2.6f, 0.4f);
        }
    }

    /// <summary>Depth in mm, not positive, for each texel of the space. Between furrows the skin bulges a little.</summary>
    public float[] Depths()
    {
        var result = new float[_space.Count];
        Parallel.For(0, (result.Length + 4095) / 4096, block =>
        {
            for (var k = block * 4096; k < Math.Min(result.Length, (block + 1) * 4096); k++)
            {
                if (_face[k] > 0.05f)
                {
                    var p = _space.Rest[k];
                    foreach (var f in _all)
                    {
                        result[k] -= f.Depth(p);
                    }

                    result[k] *= _face[k];
                }
            }
        });
        return result;
    }

    private void Add(Func<float, Vector3> line, float depth, float width, float wave)
    {
        var points = new Vector3[Samples];
        var phase = _rng.Range(0, 6.28f);
        for (var i = 0; i < Samples; i++)
        {
            var t = i / (Samples - 1f);
            var wobble = wave * MathF.Sin((t * 9) + phase) * 0.7f;
            points[i] = _space.Rest[_space.Nearest(line(t) + new Vector3(0, wobble, 0), _face)];
        }

        _all.Add(new Furrow(points, depth, width * _rng.Range(0.8f, 1.25f)));
    }

    private sealed class Furrow
    {
        private readonly Vector3[] _points;
        private readonly Vector3 _low, _high;
        private readonly float _depth, _width;

        public Furrow(Vector3[] points, float depth, float width)
        {
            (_points, _depth, _width) = (points, depth, width);
            var margin = new Vector3(Reach * width);
            (_low, _high) = (points.Aggregate(Vector3.Min) - margin, points.Aggregate(Vector3.Max) + margin);
        }

        public float Depth(Vector3 p)
        {
            if (Vector3.Min(p, _low) != _low || Vector3.Max(p, _high) != _high)
            {
                return 0;
            }

            var (distance, at) = Curve.Nearest(_points, p);

            // Ends run out; the walls are steeper than a bell and the rims stand a little proud.
            var x2 = distance / (_width * _width);
            var taper = Curve.Smooth(0, 0.25f, at) * Curve.Smooth(1, 0.75f, at);
            return x2 > Reach * Reach ? 0 : _depth * taper * (1 - (0.55f * x2)) * MathF.Exp(-x2);
        }
    }
}
