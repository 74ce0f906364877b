using System.Numerics;

namespace MoSar.Training.Synthetic;

/// <summary>Spectacles, teeth and shoulders, placed by a head's 68 landmarks (head space, mm).</summary>
internal static class Accessories
{
    /// <summary>Frames with temples. The lenses' outlines are returned: they are blended over the finished picture.</summary>
    public static IReadOnlyList<Vector3[]> AddGlasses(Props props, Random random, Vector3[] l)
    {
        const int Points = 20;
        float halfWidth = random.Uniform(21, 30), halfHeight = random.Uniform(14, 27), thick = random.Uniform(0.5f, 2.8f), squareness = random.Uniform(2, 5);
        var drop = random.Uniform(-2, 7);
        var lenses = new List<Vector3[]>();
        var eyes = new[] { (l[36] + l[39]) / 2, (l[42] + l[45]) / 2 };
        var front = MathF.Max(l[27].Z + 3, MathF.Max(eyes[0].Z, eyes[1].Z) + random.Uniform(10, 16));
        foreach (var eye in eyes)
        {
            var path = new Vector3[Points + 1];
            for (var i = 0; i <= Points; i++)
            {
                var (sin, cos) = MathF.SinCos(2 * MathF.PI * i / Points);
                var x = halfWidth * MathF.Sign(cos) * MathF.Pow(MathF.Abs(cos), 2 / squareness);
                var y = halfHeight * MathF.Sign(sin) * MathF.Pow(MathF.Abs(sin), 2 / squareness);
                path[i] = new Vector3(eye.X + x, eye.Y - drop + y, front - (0.006f * (eye.X + x) * (eye.X + x) * 0.3f));
            }

            props.AddTube(path, thick, Material.Frame, 0);
            lenses.Add(path[..Points]);
            var outer = eye.X + (MathF.Sign(eye.X) * halfWidth);
            var ear = eye.X < 0 ? l[0] : l[16];
            props.AddTube([new Vector3(outer, eye.Y + 4, front - 3), new Vector3(ear.X * 1.04f, eye.Y + 6, (front + ear.Z) / 2), new Vector3(ear.X * 1.05f, eye.Y + 4, ear.Z - 12)], thick, Material.Frame, 0);
        }

        var bridge = eyes[0].Y - drop + (0.3f * halfHeight);
        props.AddTube([new Vector3(eyes[0].X + halfWidth, bridge, front), new Vector3(0, bridge + 3, front + 3), new Vector3(eyes[1].X - halfWidth, bridge, front)], thick, Material.Frame, 0);
        return lenses;
    }

    /// <summary>Two rows of teeth; the upper is fixed to the skull, the lower follows the lower lip.</summary>
    public static void AddTeeth(Props props, Vector3[] neutral, Vector3[] posed)
    {
        const int Points = 13;
        var width = 0.42f * Vector3.Distance(neutral[48], neutral[54]);
        var middle = (neutral[62] + neutral[66]) / 2;
        var drop = Vector3.Lerp(Vector3.Zero, posed[57] - neutral[57], 0.85f);
        Span<Vector3> path = stackalloc Vector3[Points];
        Span<Vector3> side = stackalloc Vector3[Points];
        for (var row = 0; row < 2; row++)
        {
            for (var i = 0; i < Points; i++)
            {
                var angle = MathF.PI * ((i / (Points - 1f)) - 0.5f);
                var (sin, cos) = MathF.SinCos(angle);
                var p = new Vector3(middle.X + (width * sin), middle.Y, middle.Z - 7 - (1.1f * width * (1 - cos)));
                path[i] = row == 0 ? p + new Vector3(0, 1.5f, 0) : p + new Vector3(0, -5.5f, -2) + drop;
                side[i] = new Vector3(0, row == 0 ? 4.5f : 4f, 0);
            }

            props.AddRibbon(path, side, Material.Teeth, row);
        }
    }

    /// <summary>A bust below the neck, so that heads do not end in the air.</summary>
    public static void AddShoulders(Props props, Random random, Vector3 neck, float chinToNeck)
    {
        const int Points = 40;
        var rings = new List<Vector3[]>();
        float high = random.Uniform(-10, 45), slope = random.Uniform(0.7f, 1.2f);
        (float Down, float X, float Z)[] outline = [(-high, 62, 62), (5, 72, 68), (25, 110, 80), (50, 170, 95), (85, 210, 105), (160, 225, 115), (330, 220, 120)];
        foreach (var (down, x, z) in outline)
        {
            var ring = new Vector3[Points];
            for (var i = 0; i < Points; i++)
            {
                var (sin, cos) = MathF.SinCos(2 * MathF.PI * i / (Points - 1));
                ring[i] = neck + new Vector3(x * slope * cos, -chinToNeck - down, z * sin);
            }

            rings.Add(ring);
        }

        props.AddLoft(rings, Material.Cloth);
    }
}
