using System.Numerics;

namespace MoSar.Graphics;

/// <summary>The surroundings behind a head, out of focus and a little darker, so that the head stands out.</summary>
internal sealed class Backdrop
{
    private readonly EnvironmentMap _blurred;

    public Backdrop(EnvironmentMap environment)
    {
        // 64 texels around are 5.6° each: a portrait lens spans four of them, which bilinear sampling turns into soft gradients.
        var pixels = MapScaling.ReduceTo(environment.Pixels, 64);
        _blurred = new EnvironmentMap(pixels, environment.Yaw);
    }

    public Vector3 Colour(AvatarView view, int x, int y)
    {
        var camera = view.Camera;
        var d = new Vector3((float)((x + 0.5 - camera.Cx) / camera.Fx), (float)((camera.Cy - y - 0.5) / camera.Fy), -1);

        // Seen at twice the lens's angle: at its own a portrait's background is one flat colour.
        var direction = Vector3.Normalize(camera.RotateBack(d * new Vector3(2, 2, 1)));
        var sum = Vector3.Zero;
        for (var k = 0; k < 9; k++)
        {
            var offset = new Vector3((k % 3) - 1, (k / 3) - 1, 0) * 0.05f;
            sum += Vector3.Min(_blurred.Radiance(Vector3.Normalize(direction + camera.RotateBack(offset))), new Vector3(4));
        }

        var corner = new Vector2((x + 0.5f) / view.Width, (y + 0.5f) / view.Height) - new Vector2(0.5f);
        return sum / 9 * (0.62f * (1 - (0.55f * corner.LengthSquared())));
    }
}
