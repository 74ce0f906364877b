using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>How many numbers each part of χ has.</summary>
/// <param name="Identity">α: of the linear model or of the graph network's latent.</param>
/// <param name="Expression">δ.</param>
/// <param name="Albedo">β.</param>
public sealed record SceneSizes(int Identity, int Expression, int Albedo);

/// <summary>χ of 3.1, ready for the renderer.</summary>
/// <param name="Identity">α, [B, ·], in standard deviations.</param>
/// <param name="Expression">δ, [B, ·]; in [0, 1], a little beyond where the encoder insists, see <see cref="SceneCode"/>.</param>
/// <param name="Albedo">β, [B, ·], in standard deviations.</param>
/// <param name="Light">γ, [B, 9, 3], head space.</param>
/// <param name="Camera">φ, in pixels of the crop.</param>
public sealed record SceneTensors(Tensor Identity, Tensor Expression, Tensor Albedo, Tensor Light, CameraTensors Camera);

/// <summary>The scene that a code of zeros means: the mean head, upright, where a crop has it, in white light from everywhere.</summary>
/// <param name="Pivot">The point of the head about which the code turns it, head space, mm: between the eyes and the mouth, so that turning hardly moves the face.</param>
/// <param name="Centre">Where it lies in the crop, parts of the side.</param>
/// <param name="Scale">Parts of the crop's side a millimetre at the pivot.</param>
/// <param name="Distance">From the camera to the pivot, mm.</param>
/// <param name="Radiance">Of the light's constant: 1 is <see cref="ShLight.Uniform"/>.</param>
public sealed record SceneStart(Vector3 Pivot, Vector2 Centre, double Scale, double Distance = 900, double Radiance = 1)
{
    /// <summary>From the mean head, by the definition of the crop in <see cref="FaceCrops"/>.</summary>
    /// <param name="mean">V positions, mm.</param>
    public static SceneStart Of(FaceTemplate template, ReadOnlySpan<Vector3> mean)
    {
        var points = template.LandmarksOn(mean);
        var pivot = Vector3.Zero;
        foreach (var p in points.AsSpan(17))
        {
            pivot += p / (points.Length - 17);
        }

        // Seen from the front in millimetres, y down.
        var crop = FaceCrops.FromLandmarks([.. points.Select(p => new Vector2(p.X, -p.Y))]);
        return new SceneStart(pivot, crop.FromPixel(new Vector2(pivot.X, -pivot.Y)), 1 / crop.Size);
    }
}

/// <summary>
/// The raw numbers that the encoder makes and that refinement moves, and what they mean. All have the same order of size, and 0 means <see cref="SceneStart"/>:
/// α and β as they are. δ = r between 0 and 1, and a tenth of the excess beyond: bounds that always have a slope, so that a blendshape that was pushed out
/// finds back (what is delivered is clamped). γ as differences from white light. φ: six numbers of the rotation as differences from the
/// identity (see <see cref="CameraTensors.RotationOf"/>); place of the pivot in the crop, parts of the side; ln scale; ln focal length at constant scale, within ±1.5
/// by a tangent, so between a fifth and five times the distance. Scale instead of depth because depth and focal length explain each other almost wholly.
/// </summary>
public sealed class SceneCode(SceneSizes sizes, SceneStart start)
{
    public const int LightLength = 27, CameraLength = 10;

    private const double Leak = 0.1, FocalBound = 1.5;

    public SceneSizes Sizes { get; } = sizes;

    /// <summary>How long a code is.</summary>
    public int Length { get; } = sizes.Identity + sizes.Expression + sizes.Albedo + LightLength + CameraLength;

    /// <param name="code">[B, <see cref="Length"/>].</param>
    /// <param name="side">Of the crop, pixels.</param>
    /// <param name="principal">(cx, cy) of the photograph's axis in pixels of the crop, [B, 2]; null: the crop's middle. A face off the photograph's
    /// middle is seen from aside, by half the field of view at the edge.</param>
    public SceneTensors Decode(Tensor code, int side, Tensor? principal = null)
    {
        FloatMemory.Check("code", code, -1, Length);
        using var scope = NewDisposeScope();
        var parts = code.split([Sizes.Identity, Sizes.Expression, Sizes.Albedo, LightLength, CameraLength], 1);
        var inside = parts[1].clamp(0, 1);
        var light = parts[3].reshape(-1, 9, 3) + cat([full([1, 1, 3], start.Radiance * 2 / Math.Sqrt(Math.PI), float32), zeros(1, 8, 3)], 1);
        var camera = Camera(parts[4], side, principal ?? full([code.shape[0], 2], side / 2.0, float32));
        return new SceneTensors(
            parts[0].MoveToOuterDisposeScope(),
            (inside + ((parts[1] - inside) * Leak)).MoveToOuterDisposeScope(),
            parts[2].MoveToOuterDisposeScope(),
            light.MoveToOuterDisposeScope(),
            new CameraTensors(
                camera.Rotation.MoveToOuterDisposeScope(),
                camera.Translation.MoveToOuterDisposeScope(),
                camera.LogFocal.MoveToOuterDisposeScope(),
                principal is null ? camera.Principal.MoveToOuterDisposeScope() : principal));
    }

    /// <summary>The number that means a focal length.</summary>
    /// <param name="logRatio">ln of the focal length against that of a code of zeros; beyond the bound, the bound.</param>
    internal static Tensor FocalNumber(Tensor logRatio) => (logRatio / FocalBound).clamp(-0.99, 0.99).atanh() * FocalBound;

    /// <summary>Derivative of <see cref="FocalNumber"/>; at the bound that inside it.</summary>
    internal static Tensor FocalSlope(Tensor logRatio) => 1 / (1 - (logRatio / FocalBound).clamp(-0.99, 0.99).square());

    /// <summary>The camera of <see cref="CameraLength"/> raw numbers a row.</summary>
    private CameraTensors Camera(Tensor raw, int side, Tensor principal)
    {
        var rotation = CameraTensors.RotationOf(raw.narrow(1, 0, 6) + tensor(new float[] { 1, 0, 0, 0, 1, 0 }));

        // At scale s = f/distance, pixels a millimetre, the pivot lies at pixel c + s·(X, −Y).
        var scale = (raw.select(1, 8) + Math.Log(start.Scale * side)).exp();
        var logFocal = ((raw.select(1, 9) / FocalBound).tanh() * FocalBound) + Math.Log(start.Scale * side * start.Distance);
        var place = (((raw.narrow(1, 6, 2) + tensor(new[] { start.Centre.X, start.Centre.Y })) * side) - principal) / scale.unsqueeze(1);
        var pivot = stack([place.select(1, 0), -place.select(1, 1), -(logFocal.exp() / scale)], 1);
        var turned = rotation.matmul(tensor(new[] { start.Pivot.X, start.Pivot.Y, start.Pivot.Z }).reshape(3, 1)).squeeze(2);
        return new CameraTensors(rotation, pivot - turned, logFocal, principal);
    }
}
