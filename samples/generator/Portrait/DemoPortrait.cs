using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.LightStage;

namespace MoSar.Samples.Portrait;

/// <summary>What the picture shows, exactly: what a reconstruction of it should find.</summary>
/// <param name="Identity">α.</param>
/// <param name="Expression">δ.</param>
/// <param name="Mesh">With expression, millimetres.</param>
/// <param name="Neutral">Without.</param>
/// <param name="Camera">From head space to the picture's pixels.</param>
/// <param name="Landmarks">68 points in pixels; the jaw's are the template's frontal ones, not the visible contour.</param>
public sealed record PortraitTruth(float[] Identity, float[] Expression, Mesh Mesh, Mesh Neutral, PinholeCamera Camera, Vector2[] Landmarks);

/// <summary>
/// The project's own test person: nobody's photograph, nobody's texture. The face model with a chosen identity and a slight smile; skin,
/// eyes, hair and clothes are computed (see <see cref="Skin"/>, <see cref="Eye"/>, <see cref="Barber"/>, <see cref="Clothing"/>).
/// </summary>
public static class DemoPortrait
{
    private const int Width = 1024;
    private const int Height = 1280;
    private const float Distance = 1250;

    /// <param name="modelPath">face.safetensors.</param>
    /// <param name="scale">1 for the shipped picture; less for a quick look.</param>
    /// <returns>Linear display light, 1024·scale × 1280·scale.</returns>
    public static Image Render(string modelPath, float scale = 1) => Render(FaceModel.Load(modelPath), scale);

    public static Image Render(FaceModel model, float scale = 1)
    {
        var truth = Truth(model, scale);
        var (width, height) = ((int)(Width * scale), (int)(Height * scale));
        var marks = Marks(truth.Mesh);
        var (scene, eyes) = Compose(model, truth, marks);
        var camera = truth.Camera;
        using var rays = new RayScene(scene.Positions, scene.Triangles);
        var samples = scale >= 1 ? 16 : 4;
        var picture = new PortraitRenderer(scene, rays, new Skin(marks), eyes, Lights(marks[30], camera), camera).Render(width, height, samples, p => Background(p / new Vector2(width, height)));
        return Finish(picture);
    }

    /// <summary>The person and the camera behind <see cref="Render(FaceModel, float)"/>.</summary>
    public static PortraitTruth Truth(FaceModel model, float scale = 1)
    {
        var (identity, expression) = (Identity(model), Smile(model));
        var mesh = new Mesh(model.Template, model.Positions(identity, expression));
        var marks = Marks(mesh);
        var camera = Camera((0.5f * (marks[27] + marks[8])) + new Vector3(0, 8, -60), (int)(Width * scale), (int)(Height * scale));
        return new PortraitTruth(identity, expression, mesh, new Mesh(model.Template, model.Positions(identity, [])), camera, [.. marks.Select(camera.Project)]);
    }

    private static Vector3[] Marks(Mesh mesh) => mesh.Template.LandmarksOn(mesh.Positions);

    private static float[] Identity(FaceModel model)
    {
        var identity = new float[Math.Min(24, model.IdentityCount)];
        var rng = new Rng(2024);
        for (var i = 0; i < identity.Length; i++)
        {
            identity[i] = Math.Clamp(0.75f * rng.Normal(), -1.4f, 1.4f);
        }

        return identity;
    }

    private static float[] Smile(FaceModel model)
    {
        var expression = new float[model.ExpressionCount];
        foreach (var (name, weight) in ((string, float)[])
        [
            ("mouthSmileLeft", 0.58f), ("mouthSmileRight", 0.52f), ("cheekSquintLeft", 0.25f), ("cheekSquintRight", 0.25f), ("mouthDimpleLeft", 0.12f), ("mouthDimpleRight", 0.12f),
        ])
        {
            if (model.ExpressionIndex(name) is >= 0 and var index)
            {
                expression[index] = weight;
            }
        }

        return expression;
    }

    private static (Scene Scene, Eye[] Eyes) Compose(FaceModel model, PortraitTruth truth, Vector3[] marks)
    {
        var (template, positions, camera) = (model.Template, truth.Mesh.Positions, truth.Camera);
        var (values, stride) = (new float[template.VertexCount * 5], 5);
        var (ears, socket) = (Region(template, "ears"), Region(template, "mouth_socket"));
        var eyeballs = Region(template, "eyeballs");
        for (var i = 0; i < template.VertexCount; i++)
        {
            positions[i].CopyTo(values.AsSpan(i * stride));
            values[(i * stride) + 3] = ears[i];
            values[(i * stride) + 4] = eyeballs[i] > 0.5f ? 2 : socket[i] + Region(template, "eye_sockets")[i] > 0.5f ? 1 : 0;
        }

        var surface = Subdivision.Refine(new Subdivision.Surface(template.Faces, values, stride));
        surface = Subdivision.Refine(surface);
        var fine = Enumerable.Range(0, surface.VertexCount).Select(surface.Position).ToArray();
        var triangles = Triangulate(surface.Faces);
        float Kind(int t) => Enumerable.Range(0, 3).Max(k => surface.Values[(triangles[(t * 3) + k] * stride) + 4]);
        var tints = Enumerable.Range(0, fine.Length).Select(i => new Vector3(surface.Values[(i * stride) + 3], 0, 0)).ToArray();

        var scene = new Scene();
        var collar = Collar(fine, marks);
        bool Bare(Vector3 p)
        {
            var d = p - collar.Centre;
            return d.Y > 45 || (d.Y > -40 && MathF.Abs(d.X) < 1.06f * collar.Radius.X && d.Z > -1.1f * collar.Radius.Y);
        }

        var shown = Enumerable.Range(0, triangles.Length / 3).Where(t => Enumerable.Range(0, 3).All(k => Bare(fine[triangles[(t * 3) + k]]))).ToArray();
        scene.AddMesh(
            fine,
            [.. shown.SelectMany(t => ((int[])[triangles[t * 3], triangles[(t * 3) + 1], triangles[(t * 3) + 2]]))],
            t => Kind(shown[t]) > 1.5f ? Material.Eye : Kind(shown[t]) > 0.5f ? Material.Mouth : Material.Skin,
            tints);

        using (var bare = new RayScene(fine, triangles))
        {
            var crown = new Vector3(0, marks[27].Y + 8, marks[27].Z - 95);
            var barber = new Barber(new HeadSurface(bare, fine, triangles, crown), marks);
            foreach (var strand in barber.Hair(52000).Concat(barber.Brows()).Concat(barber.Lashes()))
            {
                scene.AddStrand(strand, camera.Centre);
            }
        }

        // The body turns with the head, but not as far.
        var towards = camera.Centre - collar.Centre;
        var (cloth, facets, dyes) = Clothing.Pullover(collar.Centre, collar.Radius, 0.75f * MathF.Atan2(towards.X, towards.Z), new Vector3(0.040f, 0.075f, 0.105f));
        scene.AddMesh(cloth, facets, _ => Material.Cloth, dyes);
        var (left, right) = model.EyeCentres(truth.Identity);
        return (scene, [MakeEye(left, positions, eyeballs, camera, 1), MakeEye(right, positions, eyeballs, camera, 2)]);
    }

    // A little below the narrowest part of the neck, wherever the template's skin ends further down.
    private static (Vector3 Centre, Vector2 Radius) Collar(Vector3[] fine, Vector3[] marks)
    {
        var lowest = fine.Min(p => p.Y);
        (Vector3 Low, Vector3 High) Ring(float y)
        {
            var ring = fine.Where(p => MathF.Abs(p.Y - y) < 3 && p.Z < marks[8].Z - 20).DefaultIfEmpty(new Vector3(0, y, 0)).ToArray();
            return (ring.Aggregate(Vector3.Min), ring.Aggregate(Vector3.Max));
        }

        var narrowest = Enumerable.Range(0, 24).Select(i => marks[8].Y - 22 - (3f * i)).Where(y => y > lowest + 8)
            .MinBy(y => Ring(y) is var (l, h) && h.X - l.X > 40 ? h.X - l.X : float.MaxValue);
        var y = MathF.Max(lowest + 10, narrowest - 16);
        var (low, high) = Ring(y);
        return (new Vector3(0, y, (low.Z + high.Z) / 2), new Vector2((high.X - low.X) / 2, MathF.Max((high.Z - low.Z) / 2, 0.42f * (high.X - low.X))));
    }

    private static Eye MakeEye(Vector3 centre, Vector3[] positions, float[] eyeballs, PinholeCamera camera, uint seed)
    {
        var radius = Enumerable.Range(0, positions.Length).Where(i => eyeballs[i] > 0.5f && positions[i].X > 0 == centre.X > 0).Select(i => Vector3.Distance(positions[i], centre)).Order().ToArray();

        // Both look past the camera in parallel: eyes that meet at arm's length look crossed.
        return new Eye(centre, radius[radius.Length / 2], Vector3.Normalize(camera.Centre - new Vector3(-0.8f * centre.X, centre.Y, centre.Z)), seed);
    }

    // The head is turned a little to its left and tilted; lights and background belong to the camera.
    private static PinholeCamera Camera(Vector3 target, int width, int height)
    {
        var turn = Matrix4x4.CreateFromYawPitchRoll(0.21f, -0.015f, -0.045f);
        double[] rotation = [turn.M11, turn.M21, turn.M31, turn.M12, turn.M22, turn.M32, turn.M13, turn.M23, turn.M33];
        var focal = 2.95 * height;
        var camera = new PinholeCamera(focal, focal, width * 0.5, height * 0.485, rotation, Vector3.Zero);
        return camera with { Translation = new Vector3(0, 0, -Distance) - camera.ToCamera(target) };
    }

    private static SoftBox[] Lights(Vector3 face, PinholeCamera camera)
    {
        Vector3 At(float x, float y, float z) => face + camera.RotateBack(new Vector3(x, y, z));
        return
        [
            new SoftBox(At(-700, 430, 780), face, 240, 310, new Vector3(16.6f, 16.1f, 15.4f)),
            new SoftBox(At(950, 60, 640), face, 520, 600, new Vector3(0.62f, 0.64f, 0.68f)),
            new SoftBox(At(560, 480, -820), face, 140, 380, new Vector3(3.6f, 3.7f, 3.9f)),
            new SoftBox(At(-500, 760, -560), face, 260, 200, new Vector3(3.2f, 3.2f, 3.3f)),
        ];
    }

    private static Vector3 Background(Vector2 p)
    {
        var glow = MathF.Exp(-(p - new Vector2(0.36f, 0.42f)).LengthSquared() / 0.30f);
        var mottle = 0.06f * Noise.Fractal(new Vector3(p * 2.6f, 0.5f), 3, 701);
        return Curve.Mix(new(0.036f, 0.042f, 0.050f), new(0.150f, 0.165f, 0.175f), glow) * (1 + mottle);
    }

    private static Image Finish(Image picture)
    {
        var result = new Image(picture.Width, picture.Height, 3);
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                // A sensor's grain, a little more in the shade.
                var rng = new Rng((uint)((y * picture.Width) + x));
                var colour = ToneCurve.Apply(picture.Rgb(x, y));
                colour += 0.010f * Vector3.SquareRoot(Vector3.Max(colour, new Vector3(0.0005f))) * new Vector3(rng.Normal(), rng.Normal(), rng.Normal());
                Vector3.Max(Vector3.Zero, colour).CopyTo(result.Pixels.AsSpan(((y * picture.Width) + x) * 3, 3));
            }
        }

        return result;
    }

    private static float[] Region(FaceTemplate template, string name) =>
        template.Regions.TryGetValue(name, out var weights) ? weights : new float[template.VertexCount];

    private static int[] Triangulate(int[] quads)
    {
        var triangles = new int[quads.Length / 4 * 6];
        for (var f = 0; f < quads.Length / 4; f++)
        {
            var (a, b, c, d) = (quads[f * 4], quads[(f * 4) + 1], quads[(f * 4) + 2], quads[(f * 4) + 3]);
            ((ReadOnlySpan<int>)[a, b, c, a, c, d]).CopyTo(triangles.AsSpan(f * 6));
        }

        return triangles;
    }
}
