using System.Numerics;
using System.Text.Json;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.LightStage;

namespace MoSar.StageSheets;

/// <summary>
/// The same matt head, camera and environment in this renderer and in Blender's Cycles. `cycles-scene FOLDER ENVIRONMENT` writes the scene,
/// tests/tools/CyclesCheck/render.py renders it, `cycles-compare FOLDER` prints relative errors.
/// </summary>
internal static class CyclesCheck
{
    private const int Size = 256;
    private static readonly Vector3 Albedo = new(0.6f, 0.45f, 0.35f);

    public static int Write(string folder, string environment)
    {
        Directory.CreateDirectory(folder);
        var (mesh, view) = Scene();
        ObjWriter.Write(Path.Combine(folder, "scene.obj"), mesh);
        ImageFile.WriteHdr(Path.Combine(folder, "environment.hdr"), EnvironmentMap.Read(environment).Pixels);
        var camera = view.Camera;
        var centre = camera.Centre;
        File.WriteAllText(Path.Combine(folder, "scene.json"), JsonSerializer.Serialize(new
        {
            size = Size,
            fx = camera.Fx,
            rotation = camera.Rotation,
            centre = (float[])[centre.X, centre.Y, centre.Z],
            albedo = (float[])[Albedo.X, Albedo.Y, Albedo.Z],
        }));
        return 0;
    }

    public static int Compare(string folder)
    {
        var (mesh, view) = Scene();
        using var body = new StageProp(mesh.Positions, mesh.Template.Triangles, new PropMaterial(Albedo, F0: 0));
        var white = new Image(8, 4, 3);
        Array.Fill(white.Pixels, 1);
        var environment = EnvironmentMap.Read(Path.Combine(folder, "environment.hdr"));
        foreach (var (name, map) in ((string, EnvironmentMap)[])[("white", new EnvironmentMap(white)), ("diffuse", environment)])
        {
            var light = new StageLight(new StageEnvironment(map));
            StagePicture Render(int lights, bool filter) => StageRenderer.Render(
                new StageScene(null, [body]), light, view.Camera, Size, Size, new StageSettings { Lights = lights, Bounces = 0, ShadowFilter = filter, SamplesPerPixel = 4 });
            var theirs = ImageFile.Read(Path.Combine(folder, name + ".exr"));
            var (fine, quick) = (Render(256, false), Render(16, true));

            Report($"{name}, 256 lights", fine, theirs);
            Report($"{name}, 16 lights, filtered", quick, theirs);
        }

        return 0;
    }

    private static void Report(string name, StagePicture ours, Image theirs)
    {
        var (ratio, squares, absolute, total, count) = (0.0, 0.0, 0.0, 0.0, 0);
        var errors = new List<double>();
        var blocks = new Dictionary<(int, int), (double Ours, double Theirs, int Count)>();
        for (var y = 2; y < Size - 2; y++)
        {
            for (var x = 2; x < Size - 2; x++)
            {
                // Whole pixels of head with nothing else beside them.
                if (Enumerable.Range(0, 9).Any(k => ours.Mask[x + (k % 3) - 1, y + (k / 3) - 1, 1] < 0.999f))
                {
                    continue;
                }

                var (a, b) = (Vector3.Dot(ours.Colour.Rgb(x, y), new(0.2126f, 0.7152f, 0.0722f)), Vector3.Dot(theirs.Rgb(x, y), new(0.2126f, 0.7152f, 0.0722f)));
                ratio += a;
                total += b;
                absolute += Math.Abs(a - b);
                squares += (a - b) * (a - b);
                errors.Add(Math.Abs(a - b) / Math.Max(b, 1e-3));
                count++;
                var block = blocks.GetValueOrDefault((x / 8, y / 8));
                blocks[(x / 8, y / 8)] = (block.Ours + a, block.Theirs + b, block.Count + 1);
            }
        }

        // Means of 8x8 pixels hold little of either renderer's noise.
        var means = blocks.Values.Where(b => b.Count == 64).Select(b => Math.Abs(b.Ours - b.Theirs) / b.Theirs).Order().ToArray();
        errors.Sort();
        Console.WriteLine($"{name,-28} {count} pixels: mean {ratio / count:f4} against {total / count:f4} (ratio {ratio / total:f4}); mean absolute error {absolute / total:p2} of the mean, " +
            $"rms {Math.Sqrt(squares / count) / (total / count):p2}; relative error a pixel: median {errors[count / 2]:p2}, 95th {errors[count * 95 / 100]:p2}; 8x8 means: median {means[means.Length / 2]:p2}, 95th {means[means.Length * 95 / 100]:p2}");
    }

    private static (Mesh Mesh, AvatarView View) Scene()
    {
        var model = FaceModel.Load("samples/models/face.safetensors");
        var mesh = new Mesh(model.Template, model.Mean);
        return (mesh, AvatarView.Portrait(mesh.Positions, Size, 25));
    }
}
