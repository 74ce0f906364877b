using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using MoSar.Faces;
using MoSar.Graphics;

namespace MoSar.LightStage.Subjects;

/// <summary>A light of a run.</summary>
/// <param name="Name">Of its file, or of a built-in environment.</param>
/// <param name="Map">For harmonics, reduced.</param>
/// <param name="Environment">For rays.</param>
/// <param name="Exposure">The automatic one.</param>
internal sealed record NamedLight(string Name, EnvironmentMap Map, StageEnvironment Environment, float Exposure);

/// <summary>A light as a camera took it.</summary>
/// <param name="Harmonics">Head space, not exposed.</param>
/// <param name="Gains">White balance for red, green and blue.</param>
internal sealed record CameraLight(string Name, ShLight Harmonics, float Exposure, Vector3 Gains);

/// <summary>Renders planned views of a subject and writes them with their labels.</summary>
/// <param name="lights">Of the wild views.</param>
/// <param name="even">Of the stage's own cameras.</param>
internal sealed class ViewWriter(FaceModel model, IReadOnlyList<NamedLight> lights, NamedLight even, int samples)
{
    /// <summary>Writes the views into <c>views/</c> of a folder.</summary>
    /// <param name="landmarks">68, where this person has them.</param>
    public void Write(string folder, Subject subject, MapSet maps, SurfacePoint[] landmarks, IEnumerable<ViewPlan> plans, CancellationToken cancellation)
    {
        var target = Directory.CreateDirectory(Path.Combine(folder, "views")).FullName;
        var skin = new StageSkin(maps, 0.47f - (0.1f * subject.Skin.Oiliness));
        var neutral = subject.Shape.WithExpression([]);
        using var outfit = Outfit.Draw(
            neutral, (int)(subject.Skin.Seed & 0xffffff), new OutfitOptions { Age = subject.Skin.Age, HairColour = subject.Skin.Hair, Grey = subject.Skin.Grey, Bald = !subject.Skin.ScalpHair });
        var look = new HeadLook { EyeSeed = subject.Skin.EyeSeed, Iris = subject.Skin.EyeColours };

        // On the stage people wear nothing that hides them, as scanned people do.
        var worn = new ExtrasOptions { HairColour = subject.Skin.HairFromAfar, SkinColour = Subject.Shade(maps) };
        var bare = worn with { Glasses = 0, Hands = 0, Strands = 0 };
        foreach (var plan in plans)
        {
            cancellation.ThrowIfCancellationRequested();
            var (mesh, expression) = Expressions.Act(model, subject.Shape, plan.Expression);
            var wild = plan.Environment >= 0;
            using var head = new StageHead(mesh, skin, look);
            using var extras = FaceExtras.Draw(neutral, mesh, plan.Seed, wild ? worn : bare);
            var light = wild ? lights[plan.Environment] : even;
            var harmonics = light.Map.Turned(plan.Yaw).ToSphericalHarmonics(2);
            var (metered, gains) = Sensor.Meter(harmonics, light.Exposure);
            var exposure = metered * MathF.Pow(2, plan.Stops);
            var picture = StageRenderer.Render(
                new StageScene(head, [.. extras.Bodies, .. wild ? outfit.Bodies : []], extras.Lenses),
                new StageLight(light.Environment, plan.Yaw, exposure),
                plan.Camera,
                plan.Size,
                plan.Size,
                new StageSettings { SamplesPerPixel = samples, Seed = plan.Seed, Threads = 1 },
                cancellation);
            Save(target, plan with { Expression = expression }, [.. landmarks.Select(m => m.On(mesh.Template, mesh.Positions))], new CameraLight(light.Name, harmonics, exposure, gains), picture, [.. extras.Names, .. wild ? outfit.Names : []]);
        }
    }

    private void Save(string target, ViewPlan plan, Vector3[] marks, CameraLight light, StagePicture picture, IReadOnlyList<string> occluders)
    {
        string At(string ending) => Path.Combine(target, plan.Name + ending);
        ImageFile.WritePng(At(".png"), Sensor.Expose(picture.Colour, light.Gains, plan.Noise, (uint)plan.Seed));
        var wild = plan.Environment >= 0;
        if (wild)
        {
            ImageFile.WriteExr(At(".position.exr"), picture.Position, half: false);
            ImageFile.WriteExr(At(".uv.exr"), picture.Uv, half: false);
            ImageFile.WritePng(At(".normal.png"), picture.Normal, 16, ColourEncoding.Linear, -1, 1);
            ImageFile.WritePng(At(".mask.png"), picture.Mask, 8, ColourEncoding.Linear);
        }

        var r = plan.Camera.Rotation;
        var description = new JsonObject
        {
            ["image"] = new JsonObject { ["width"] = plan.Size, ["height"] = plan.Size },
            ["camera"] = new JsonObject
            {
                ["fx"] = plan.Camera.Fx,
                ["fy"] = plan.Camera.Fy,
                ["cx"] = plan.Camera.Cx,
                ["cy"] = plan.Camera.Cy,
                ["rotation"] = new JsonArray(Numbers(r[..3]), Numbers(r[3..6]), Numbers(r[6..])),
                ["translation"] = Vector(plan.Camera.Translation),
            },
            ["environment"] = new JsonObject { ["name"] = light.Name, ["yaw"] = plan.Yaw, ["exposure"] = light.Exposure, ["whiteBalance"] = Vector(light.Gains) },
            ["light"] = new JsonObject { ["coefficients"] = new JsonArray([.. light.Harmonics.Coefficients.Select(c => Vector(c * light.Exposure * light.Gains))]) },
            ["expression"] = new JsonObject(plan.Expression.Select(e => KeyValuePair.Create<string, JsonNode?>(e.Key, e.Value))),
            ["occluders"] = new JsonArray([.. occluders.Select(o => JsonValue.Create(o))]),
            ["landmarks68"] = new JsonArray([.. marks.Select(m => Point(plan.Camera.Project(m)))]),
            ["landmarkVisible"] = new JsonArray([.. marks.Select(m => JsonValue.Create(IsSeen(picture, plan, m)))]),
        };
        AtomicFile.Write(At(".json"), stream => JsonSerializer.Serialize(stream, description, SubjectFolder.Json));
    }

    /// <summary>Whether the picture shows the head's surface where the point lies: neither behind the head, nor an occluder, nor the frame.</summary>
    private static bool IsSeen(StagePicture picture, ViewPlan plan, Vector3 point)
    {
        // Of the surface in neighbouring pixels, at grazing angles.
        const float near = 6;
        var pixel = plan.Camera.Project(point);
        var (x, y) = ((int)MathF.Floor(pixel.X), (int)MathF.Floor(pixel.Y));
        for (var j = -1; j <= 1; j++)
        {
            for (var i = -1; i <= 1; i++)
            {
                if ((uint)(x + i) < (uint)plan.Size && (uint)(y + j) < (uint)plan.Size && picture.Mask[x + i, y + j, 0] > 0 && picture.Mask[x + i, y + j, 1] < 0.5f
                    && Vector3.Distance(picture.Position.Rgb(x + i, y + j), point) < near)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static JsonArray Numbers(double[] values) => new([.. values.Select(v => JsonValue.Create(v))]);

    private static JsonArray Vector(Vector3 v) => new(v.X, v.Y, v.Z);

    private static JsonArray Point(Vector2 p) => new(p.X, p.Y);
}
