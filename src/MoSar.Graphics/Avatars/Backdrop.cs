using System.Numerics;

namespace MoSar.Graphics;

/// <summary>The surroundings behind a head, out of focus and a little darker, so that the head stands out.</summary>
internal sealed class Backdrop
{
    // The backdrop has no detail: a grid of this many points a side holds it all.
    private const int Side = 48;

    private readonly Image _picture = new(Side, Side, 3);
    private readonly Vector2 _scale;

    public Backdrop(EnvironmentMap environment, AvatarView view)
    {
        // 64 texels around are 5.6° each: a portrait lens spans four of them, which bilinear sampling turns into soft gradients.
        var blurred = new EnvironmentMap(MapScaling.ReduceTo(environment.Pixels, 64), environment.Yaw);
        _scale = new Vector2(Side / (float)view.Width, Side / (float)view.Height);
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                Behind(blurred, view, new Vector2(x + 0.5f, y + 0.5f) / _scale).CopyTo(_picture.Pixels.AsSpan(((y * Side) + x) * 3, 3));
            }
        }
    }

    public Vector3 Colour(int x, int y) => Resample.Bilinear3(_picture, new Vector2(x + 0.5f, y + 0.5f) * _scale);

    private static Vector3 Behind(EnvironmentMap blurred, AvatarView view, Vector2 pixel)
    {
        var camera = view.Camera;
        var d = new Vector3((float)((pixel.X - camera.Cx) / camera.Fx), (float)((camera.Cy - pixel.Y) / camera.Fy), -1);

        // Seen at twice the lens's angle: at its own a portrait's background is one flat colour.
        var direction = Vector3.Normalize(camera.RotateBack(d * new Vector3(2, 2, 1)));
        var sum = Vector3.Zero;
        for (var k = 0; k < 9; k++)
        {
            var offset = new Vector3((k % 3) - 1, (k / 3) - 1, 0) * 0.05f;
            sum += Vector3.Min(blurred.Radiance(Vector3.Normalize(direction + camera.RotateBack(offset))), new Vector3(4));
        }

        var corner = (pixel / new Vector2(view.Width, view.Height)) - new Vector2(0.5f);
        return sum / 9 * (0.62f * (1 - (0.55f * corner.LengthSquared())));
    }
}
