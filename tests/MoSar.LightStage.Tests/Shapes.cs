using System.Numerics;
using MoSar.Graphics;

namespace MoSar.LightStage.Tests;

/// <summary>Simple bodies, lights and a camera on the +Z axis.</summary>
internal static class Shapes
{
    public static StageProp Sphere(Vector3 centre, float radius, PropMaterial material)
    {
        const int rows = 96, columns = 192;
        var (positions, triangles) = (new List<Vector3>(), new List<int>());
        for (var j = 0; j <= rows; j++)
        {
            for (var i = 0; i <= columns; i++)
            {
                var (sinT, cosT) = MathF.SinCos(MathF.PI * j / rows);
                var (sinP, cosP) = MathF.SinCos(MathF.Tau * i / columns);
                positions.Add(centre + (radius * new Vector3(sinT * sinP, cosT, sinT * cosP)));
                if (i < columns && j < rows)
                {
                    var a = (j * (columns + 1)) + i;
                    triangles.AddRange([a, a + columns + 1, a + 1, a + 1, a + columns + 1, a + columns + 2]);
                }
            }
        }

        return new StageProp([.. positions], [.. triangles], material, null, [.. positions.Select(p => Vector3.Normalize(p - centre))]);
    }

    public static StageProp Quad(Vector3 a, Vector3 b, Vector3 c, Vector3 d, PropMaterial material) => new([a, b, c, d], [0, 1, 2, 0, 2, 3], material);

    public static StageLight Constant(float radiance)
    {
        var image = new Image(64, 32, 3);
        Array.Fill(image.Pixels, radiance);
        return new StageLight(new StageEnvironment(new EnvironmentMap(image)));
    }

    /// <summary>Black but for a sun of about 3 texels.</summary>
    public static StageLight Sun(Vector3 towards)
    {
        var image = new Image(512, 256, 3);
        var map = new EnvironmentMap(image);
        var at = map.Point(towards) * new Vector2(512, 256);
        for (var y = (int)at.Y - 1; y <= (int)at.Y + 1; y++)
        {
            for (var x = (int)at.X - 1; x <= (int)at.X + 1; x++)
            {
                (image[x, y, 0], image[x, y, 1], image[x, y, 2]) = (2000, 2000, 2000);
            }
        }

        return new StageLight(new StageEnvironment(map));
    }

    /// <summary>On +Z, looking down at the plane z = 0, where the picture shows ±reach mm.</summary>
    public static PinholeCamera Camera(int size, float reach) =>
        new(size * 1000 / (2 * reach), size * 1000 / (2 * reach), size / 2.0, size / 2.0, [1, 0, 0, 0, 1, 0, 0, 0, 1], new Vector3(0, 0, -1000));

    public static StagePicture Render(StageBody[] bodies, StageLight light, int size, StageSettings? settings = null, float reach = 120) =>
        StageRenderer.Render(new StageScene(null, bodies), light, Camera(size, reach), size, size, settings);

    /// <summary>Pixels from the picture's middle.</summary>
    public static float Beside(int x, int y, int size) => new Vector2(x + 0.5f - (size / 2f), y + 0.5f - (size / 2f)).Length();
}
