using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;

namespace MoSar.LightStage.Subjects;

/// <summary>What a picture will show, before it is rendered.</summary>
/// <param name="Name"><c>stage_00</c>, <c>wild_000</c>.</param>
/// <param name="Camera">In pixels of the Size × Size picture.</param>
/// <param name="Size">Side in pixels.</param>
/// <param name="Environment">Index of the light among the run's.</param>
/// <param name="Yaw">Radians by which the surroundings are turned.</param>
/// <param name="Stops">Brighter or darker than the automatic exposure.</param>
/// <param name="Expression">Coefficients by ARKit name.</param>
/// <param name="Noise">Deviation of the sensor's noise at mid grey, of full scale.</param>
/// <param name="Seed">Of the noise and the renderer's samples.</param>
public sealed record ViewPlan(
    string Name, PinholeCamera Camera, int Size, int Environment, float Yaw, float Stops, IReadOnlyDictionary<string, float> Expression, float Noise, int Seed)
{
    // Calibrated cameras: azimuth and elevation in degrees, frontal first.
    private static readonly (float Azimuth, float Elevation)[] Rig =
        [(0, 0), (-20, 0), (20, 0), (-40, 0), (40, 0), (-65, 0), (65, 0), (-90, 0), (90, 0), (0, 22), (-28, -20), (28, -20)];

    // Long lenses far away, as light stages have them.
    private const float RigDistance = 1600;

    public static int StageViews => Rig.Length;

    /// <summary>The light stage's own cameras under even light, neutral.</summary>
    public static IEnumerable<ViewPlan> Stage(Mesh neutral, int size)
    {
        var (centre, radius) = Bounds(neutral);
        for (var i = 0; i < Rig.Length; i++)
        {
            var camera = LookAt(centre, Rig[i].Azimuth, Rig[i].Elevation, 0, RigDistance, 0.44f * size * RigDistance / radius, new Vector2(size / 2f));
            yield return new ViewPlan(FormattableString.Invariant($"stage_{i:00}"), camera, size, -1, 0, 0, new Dictionary<string, float>(), 0, i + 1);
        }
    }

    /// <summary>A photograph such as people take: any light, lens, pose, expression and crop.</summary>
    /// <param name="environments">How many lights there are.</param>
    /// <param name="seed">Of the run.</param>
    public static ViewPlan Wild(FaceModel model, Subject subject, Mesh neutral, int number, int size, int environments, int seed)
    {
        var rng = new Rng(unchecked(((uint)seed * 0x9E3779B1u) ^ ((uint)subject.Number * 0x85EBCA77u) ^ ((uint)(number + 1) * 0xC2B2AE3Du)));
        var (centre, radius) = Bounds(neutral);

        // Most faces look at the camera; some far past it.
        var azimuth = 75 * MathF.Pow(rng.Next(), 1.6f) * (rng.Next() < 0.5f ? -1 : 1);
        var elevation = Math.Clamp(11 * rng.Normal(), -30, 30);
        var roll = Math.Clamp(9 * rng.Normal(), -35, 35);

        // From a selfie to a long lens; brow to chin is a fifth to a half of the frame.
        var distance = 280 * MathF.Pow(7, rng.Next());
        var fill = rng.Range(0.42f, 1f);
        var focal = fill * size / 2 * distance / radius;
        var room = (1.02f - fill) * size * 0.4f;
        var middle = new Vector2(size / 2f) + new Vector2(rng.Range(-room, room), rng.Range(-room, room));

        // A person is seen in one light after another, from a random one on: none twice before all were.
        var first = new Rng(unchecked(((uint)seed * 0x85EBCA77u) ^ ((uint)subject.Number * 0xC2B2AE3Du))).Next();
        return new ViewPlan(
            FormattableString.Invariant($"wild_{number:000}"),
            LookAt(centre, azimuth, elevation, roll, distance, focal, middle),
            size,
            ((int)(first * environments) + number) % environments,
            rng.Range(-MathF.PI, MathF.PI),
            Math.Clamp(0.55f * rng.Normal(), -1.5f, 1.2f) + 0.3f,
            Expressions.Draw(model, ref rng),
            0.002f + (0.02f * MathF.Pow(rng.Next(), 3)),
            (int)(rng.Next() * 1e6f));
    }

    /// <summary>A camera at a distance from a point of head space. Degrees: positive azimuth towards the person's left, elevation up, roll clockwise.</summary>
    internal static PinholeCamera LookAt(Vector3 target, float azimuth, float elevation, float roll, float distance, float focal, Vector2 middle)
    {
        var (sa, ca) = MathF.SinCos(float.DegreesToRadians(azimuth));
        var (se, ce) = MathF.SinCos(float.DegreesToRadians(elevation));
        var back = new Vector3(sa * ce, se, ca * ce);
        var right = Vector3.Normalize(Vector3.Cross(Vector3.UnitY, back));
        var up = Vector3.Cross(back, right);
        var (sr, cr) = MathF.SinCos(float.DegreesToRadians(roll));
        (right, up) = ((cr * right) - (sr * up), (sr * right) + (cr * up));
        double[] rotation = [right.X, right.Y, right.Z, up.X, up.Y, up.Z, back.X, back.Y, back.Z];
        var camera = new PinholeCamera(focal, focal, middle.X, middle.Y, rotation, Vector3.Zero);
        return camera with { Translation = new Vector3(0, 0, -distance) - camera.ToCamera(target) };
    }

    // Middle of the face and how far it reaches: chin to hairline, without neck and crown.
    private static (Vector3 Centre, float Radius) Bounds(Mesh mesh)
    {
        var marks = mesh.Template.LandmarksOn(mesh.Positions);
        var chin = marks[8];
        var brow = (marks[19] + marks[24]) / 2;
        return ((0.42f * chin) + (0.58f * brow) + new Vector3(0, 0, -35), 1.05f * (brow.Y - chin.Y));
    }
}
