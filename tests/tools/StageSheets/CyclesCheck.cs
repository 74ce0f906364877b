using System.Diagnostics;
using System.Numerics;
using System.Text.Json;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.LightStage;

namespace MoSar.StageSheets;

/// <summary>
/// The same matt head, camera and light in this renderer, in Blender's Cycles and, at some of the pixels, by <see cref="SkyIntegral"/>: occlusion under a
/// white sky, the diffuse term without and with shadows under panoramas, and the shadows of a small sun alone.
/// </summary>
internal static class CyclesCheck
{
    private const int Size = 256;

    // Pixels between those that are integrated.
    private const int Step = 17;

    // Errors are relative to the pixel, but where it is darker than this part of the mean, to that.
    private const double Dark = 0.2;
    private static readonly Vector3 Luminance = new(0.2126f, 0.7152f, 0.0722f);

    /// <param name="folder">Scene and Cycles' pictures; those that are there are not rendered again.</param>
    /// <param name="environments">Panoramas.</param>
    public static int Run(string folder, IReadOnlyList<string> environments)
    {
        Directory.CreateDirectory(folder);
        var model = FaceModel.Load("samples/models/face.safetensors");
        var mesh = new Mesh(model.Template, model.Mean);
        var camera = AvatarView.Portrait(mesh.Positions, Size, 25).Camera;
        (string Name, EnvironmentMap Map)[] skies =
        [
            ("white", Constant()), ("sun", Sun(Vector3.Normalize(new(-0.45f, 0.75f, 0.6f)), 2)),
            .. environments.Select(file => (Path.GetFileNameWithoutExtension(file), EnvironmentMap.Read(file))),
        ];
        Write(folder, mesh, camera, skies);
        Blender(folder);
        using var body = new StageProp(mesh.Positions, mesh.Template.Triangles, new PropMaterial(Vector3.One, F0: 0));
        using var integral = new SkyIntegral(mesh.Positions, mesh.Template.Triangles, camera);
        Console.WriteLine($"{"",-44}{"mean/Cycles",12}{"median",9}{"95th",9}{"8x8 median",12}{"8x8 95th",10}{"",4}at points: {"Cycles",10}{"ours",10}   off the integral, median (and mean of the ratio)");
        foreach (var (name, map) in skies)
        {
            var light = new StageLight(new StageEnvironment(map));
            StagePicture Ours(int lights, bool filter) => StageRenderer.Render(
                new StageScene(null, [body]), light, camera, Size, Size, new StageSettings { Lights = lights, Bounces = 0, ShadowFilter = filter, SamplesPerPixel = filter ? 4 : 16 });
            var fine = Ours(1024, false);
            var inside = Inside(fine.Mask);
            var points = Enumerable.Range(0, Size * Size).Where(i => i % Size % Step == Step / 2 && i / Size % Step == Step / 2 && inside[i]).ToArray();
            var truth = points.Select(i => integral.At(i % Size, i / Size, map)).ToArray();
            var shadowed = Grey(ImageFile.Read(Path.Combine(folder, $"{name}.shadowed.exr")));
            var open = Grey(ImageFile.Read(Path.Combine(folder, $"{name}.open.exr")));
            var unshadowed = Grey(Unshadowed(mesh, camera, light));
            if (name != "white")
            {
                Report($"{name}: without shadows", unshadowed, open, inside, points, [.. truth.Select(t => Vector3.Dot(t.Open, Luminance))]);
            }

            float[] wanted = [.. truth.Select(t => Vector3.Dot(t.Shadowed, Luminance))];
            Report($"{name}: 1024 lights", Grey(fine.Colour), shadowed, inside, points, wanted);
            Report($"{name}: 16 lights, filtered", Grey(Ours(16, true).Colour), shadowed, inside, points, wanted);
            if (name == "sun")
            {
                Mask("sun: 1024 lights", Grey(fine.Colour), unshadowed, shadowed, open, inside);
                Mask("sun: 16 lights, filtered", Grey(Ours(16, true).Colour), unshadowed, shadowed, open, inside);
                Edge(integral, map, shadowed, open, inside, Grey(fine.Colour), Grey(Ours(16, true).Colour), unshadowed);
            }
        }

        return 0;
    }

    private static void Write(string folder, Mesh mesh, PinholeCamera camera, (string Name, EnvironmentMap Map)[] skies)
    {
        // Triangles, for Blender would cut quads along other diagonals, and no normals, for it would round them and split them at edges: its own are weighted by angle, too.
        using (var obj = new StreamWriter(Path.Combine(folder, "scene.obj")))
        {
            foreach (var p in mesh.Positions)
            {
                obj.WriteLine(FormattableString.Invariant($"v {p.X:r} {p.Y:r} {p.Z:r}"));
            }

            foreach (var t in mesh.Template.Triangles.Chunk(3))
            {
                obj.WriteLine($"f {t[0] + 1} {t[1] + 1} {t[2] + 1}");
            }
        }

        foreach (var (name, map) in skies)
        {
            ImageFile.WriteExr(Path.Combine(folder, $"{name}.sky.exr"), map.Pixels, half: false);
        }

        var centre = camera.Centre;
        File.WriteAllText(Path.Combine(folder, "scene.json"), JsonSerializer.Serialize(new
        {
            size = Size,
            fx = camera.Fx,
            rotation = camera.Rotation,
            centre = (float[])[centre.X, centre.Y, centre.Z],
            skies = skies.Select(s => s.Name),
        }));
    }

    private static void Blender(string folder)
    {
        using var process = Process.Start(new ProcessStartInfo("blender", ["-b", "--factory-startup", "-P", "tests/tools/CyclesCheck/render.py", "--", folder]) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
    }

    private static EnvironmentMap Constant()
    {
        var white = new Image(64, 32, 3);
        Array.Fill(white.Pixels, 1);
        return new EnvironmentMap(white);
    }

    // A disc of some degrees before a black sky.
    private static EnvironmentMap Sun(Vector3 towards, float degrees)
    {
        var map = new EnvironmentMap(new Image(1024, 512, 3));
        for (var i = 0; i < 1024 * 512; i++)
        {
            var away = float.RadiansToDegrees(MathF.Acos(Math.Clamp(Vector3.Dot(map.Direction(((i % 1024) + 0.5f) / 1024, ((i / 1024) + 0.5f) / 512), towards), -1, 1)));
            map.Pixels.Pixels.AsSpan(i * 3, 3).Fill(away < degrees ? 300 : 0);
        }

        return map;
    }

    // The renderer's own irradiance map on the camera's samples, without a ray towards light.
    private static Image Unshadowed(Mesh mesh, PinholeCamera camera, StageLight light)
    {
        const int grid = 2;
        var result = new Image(Size, Size, 3);
        using var rays = new RayScene(mesh);
        var normals = MeshNormals.AngleWeighted(mesh.Positions, mesh.Template.Triangles);
        for (var i = 0; i < Size * Size; i++)
        {
            var directions = Enumerable.Range(0, grid * grid).Select(k => Vector3.Normalize(camera.RotateBack(new Vector3(
                (float)(((i % Size) + (((k % grid) + 0.5) / grid) - camera.Cx) / camera.Fx), (float)((camera.Cy - (i / Size) - (((k / grid) + 0.5) / grid)) / camera.Fy), -1)))).ToArray();
            var hits = rays.Closest([.. directions.Select(_ => camera.Centre)], directions);
            var sum = Vector3.Zero;
            for (var k = 0; k < directions.Length; k++)
            {
                if (hits.Triangle[k] >= 0)
                {
                    var (w, t) = (hits.Barycentric(k), hits.Triangle[k] * 3);
                    var corners = mesh.Template.Triangles.AsSpan(t, 3);
                    var normal = Vector3.Normalize((normals[corners[0]] * w.X) + (normals[corners[1]] * w.Y) + (normals[corners[2]] * w.Z));
                    sum += light.Environment.Irradiance(light.Into(normal)) / (MathF.PI * directions.Length);
                }
            }

            sum.CopyTo(result.Pixels, i * 3);
        }

        return result;
    }

    // Whole pixels of head with nothing else beside them.
    private static bool[] Inside(Image mask) =>
    [
        .. Enumerable.Range(0, Size * Size).Select(i => i % Size is >= 2 and < Size - 2 && i / Size is >= 2 and < Size - 2
            && Enumerable.Range(0, 9).All(k => mask[(i % Size) + (k % 3) - 1, (i / Size) + (k / 3) - 1, 1] > 0.999f)),
    ];

    private static float[] Grey(Image image) => [.. Enumerable.Range(0, Size * Size).Select(i => Vector3.Dot(image.Rgb(i % Size, i / Size), Luminance))];

    private static void Report(string name, float[] ours, float[] theirs, bool[] inside, int[] points, float[] truth)
    {
        var (pixels, blocks) = (new List<double>(), new Dictionary<int, (double Ours, double Theirs, int Count)>());
        var (a, b) = (0.0, 0.0);
        var floor = Dark * Enumerable.Range(0, ours.Length).Where(i => inside[i]).Average(i => theirs[i]);
        for (var i = 0; i < ours.Length; i++)
        {
            if (inside[i])
            {
                (a, b) = (a + ours[i], b + theirs[i]);
                pixels.Add(Math.Abs(ours[i] - theirs[i]) / Math.Max(theirs[i], floor));
                var at = (i / Size / 8 * Size) + (i % Size / 8);
                var block = blocks.GetValueOrDefault(at);
                blocks[at] = (block.Ours + ours[i], block.Theirs + theirs[i], block.Count + 1);
            }
        }

        // Means of 8x8 pixels hold little of either renderer's noise.
        double[] means = [.. blocks.Values.Where(m => m.Count == 64).Select(m => Math.Abs(m.Ours - m.Theirs) / Math.Max(m.Theirs, 64 * floor)).Order()];
        pixels.Sort();
        (double Median, double Ratio) Off(float[] picture) => (
            points.Select((p, k) => Math.Abs(picture[p] - truth[k]) / Math.Max(truth[k], floor)).Order().ElementAt(points.Length / 2), points.Sum(p => (double)picture[p]) / truth.Sum());
        var (cycles, own) = (Off(theirs), Off(ours));
        Console.WriteLine($"{name,-44}{a / b,12:f4}{pixels[pixels.Count / 2],9:p2}{pixels[pixels.Count * 95 / 100],9:p2}{means[means.Length / 2],12:p2}{means[means.Length * 95 / 100],10:p2}{points.Length,15}"
            + $"{cycles.Median,9:p2} ({cycles.Ratio:f4}) {own.Median,9:p2} ({own.Ratio:f4})");
    }

    // The share of the sun that arrives, where it shines on a surface at all.
    private static void Mask(string name, float[] ours, float[] oursOpen, float[] theirs, float[] theirsOpen, bool[] inside)
    {
        var bright = 0.05f * theirsOpen.Max();
        var (both, either, penumbra, error, umbra) = (0, 0, 0, 0.0, 0.0);
        for (var i = 0; i < ours.Length; i++)
        {
            if (!inside[i] || theirsOpen[i] < bright)
            {
                continue;
            }

            var (a, b) = (ours[i] / oursOpen[i], theirs[i] / theirsOpen[i]);
            both += a < 0.5f && b < 0.5f ? 1 : 0;
            either += a < 0.5f || b < 0.5f ? 1 : 0;
            if (b is > 0.05f and < 0.95f)
            {
                (penumbra, error) = (penumbra + 1, error + Math.Abs(a - b));
            }
            else
            {
                umbra += Math.Abs(a - b);
            }
        }

        Console.WriteLine($"{name}: shadow masks overlap by {both / (double)either:p1} (intersection over union, {either} pixels); mean error of the share that arrives {error / penumbra:f3} in {penumbra} pixels of half shade");
    }

    // Both renderers in half shade beside the integral.
    private static void Edge(SkyIntegral integral, EnvironmentMap sun, float[] theirs, float[] theirsOpen, bool[] inside, float[] fine, float[] quick, float[] open)
    {
        var bright = 0.05f * theirsOpen.Max();
        int[] edge = [.. Enumerable.Range(0, theirs.Length).Where(i => inside[i] && theirsOpen[i] > bright && theirs[i] / theirsOpen[i] is > 0.05f and < 0.95f)];
        var (cycles, many, few, count) = (0f, 0f, 0f, 0);
        for (var k = 0; k < edge.Length; k += 8)
        {
            var (i, truth) = (edge[k], integral.At(edge[k] % Size, edge[k] / Size, sun));
            var share = Vector3.Dot(truth.Shadowed, Luminance) / Vector3.Dot(truth.Open, Luminance);
            (cycles, many, few) = (cycles + MathF.Abs((theirs[i] / theirsOpen[i]) - share), many + MathF.Abs((fine[i] / open[i]) - share), few + MathF.Abs((quick[i] / open[i]) - share));
            count++;
        }

        Console.WriteLine($"sun: mean error of the share that arrives in half shade, off the integral at {count} pixels: Cycles {cycles / count:f3}, 1024 lights {many / count:f3}, 16 lights filtered {few / count:f3}");
    }
}
