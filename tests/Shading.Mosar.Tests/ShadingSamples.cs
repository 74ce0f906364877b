using System.Numerics;

namespace MoSar.Plugins.Shading.Tests;

internal static class ShadingSamples
{
    public static ShadingPoints Points(int count, int seed)
    {
        var random = new Random(seed);
        var p = new ShadingPoints(new float[3 * count], new float[count], new float[count], new float[count], new float[3 * count], new float[3 * count]);
        for (var i = 0; i < count; i++)
        {
            (p.Specular[i], p.Occlusion[i], p.Translucency[i]) = (random.NextSingle(), random.NextSingle(), i % 7 == 0 ? 0 : random.NextSingle());
            Direction(random).CopyTo(p.Normals, 3 * i);
            Direction(random).CopyTo(p.Views, 3 * i);
            for (var c = 0; c < 3; c++)
            {
                p.Albedo[(3 * i) + c] = random.NextSingle();
            }
        }

        return p;
    }

    public static ShLight Light(int bands, int seed)
    {
        var random = new Random(seed);
        var n = (bands + 1) * (bands + 1);
        return new ShLight([.. Enumerable.Range(0, n).Select(_ => new Vector3(random.NextSingle() - 0.5f, random.NextSingle() - 0.5f, random.NextSingle() - 0.5f))]);
    }

    public static double[] Point(ShadingPoints p, int i) =>
    [
        p.Albedo[3 * i], p.Albedo[(3 * i) + 1], p.Albedo[(3 * i) + 2], p.Specular[i], p.Occlusion[i], p.Translucency[i],
        p.Normals[3 * i], p.Normals[(3 * i) + 1], p.Normals[(3 * i) + 2], p.Views[3 * i], p.Views[(3 * i) + 1], p.Views[(3 * i) + 2],
    ];

    public static double[] Flat(ShLight light) => [.. light.Coefficients.SelectMany(v => new double[] { v.X, v.Y, v.Z })];

    private static float[] Direction(Random random)
    {
        var z = (2 * random.NextDouble()) - 1;
        var (sin, cos) = Math.SinCos(2 * Math.PI * random.NextDouble());
        var r = Math.Sqrt(1 - (z * z));
        return [(float)(r * cos), (float)(r * sin), (float)z];
    }
}
