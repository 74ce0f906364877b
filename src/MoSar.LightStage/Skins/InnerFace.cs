using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;

namespace MoSar.LightStage.Skins;

/// <summary>The part of the mean head that portraits show well: an ellipse from below the hairline to the chin, in front of the ears.</summary>
internal readonly struct InnerFace
{
    private readonly Vector3 _centre;
    private readonly float _wide, _up, _down;

    public InnerFace(FaceModel model)
    {
        var marks = model.Template.LandmarksOn(model.Mean);
        var brow = (marks[19] + marks[24]) / 2;
        _centre = marks[29];
        (_wide, _up, _down) = (0.46f * MathF.Abs(marks[0].X - marks[16].X), brow.Y + 32 - _centre.Y, _centre.Y - marks[8].Y + 4);
    }

    /// <summary>1 inside, falling softly to 0, at a point of the mean head.</summary>
    /// <param name="reach">Scales the ellipse.</param>
    public float At(Vector3 point, float reach = 1)
    {
        var p = point - _centre;
        var (x, y) = (p.X / _wide, p.Y / (p.Y > 0 ? _up : _down));
        return Curve.Smooth(1.02f, 0.72f, MathF.Sqrt((x * x) + (y * y)) / reach) * Curve.Smooth(-75, -50, p.Z);
    }
}
