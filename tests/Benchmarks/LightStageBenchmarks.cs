using System.Diagnostics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.LightStage;
using MoSar.LightStage.Shapes;
using MoSar.LightStage.Subjects;

namespace MoSar.Benchmarks;

/// <summary>
/// The light stage at 256x256 with 16 lights. Pictures on one thread, as a data set is made (one picture a core); processor time, which other programs
/// on the machine do not lengthen much, beside wall time. The same rays are then traced by Embree and nothing else.
/// </summary>
internal static class LightStageBenchmarks
{
    private const int Size = 256;
    private const int Pictures = 12;

    internal static int Print()
    {
        var model = FaceModel.Load("samples/models/face.safetensors");
        using var person = new Person(model, 3);
        Console.WriteLine($"{"256x256, 16 lights, one thread",-40}{"cpu ms",9}{"wall ms",9}{"per s, 2 cores",16}{"M rays",9}{"M rays/s",10}{"Embree's share",16}");
        Measure("head, direct light", person, new StageSettings { Bounces = 0, Threads = 1 }, bare: true);
        Measure("head, one bounce", person, new StageSettings { Threads = 1 }, bare: true);
        Measure("with hair, shirt and extras", person, new StageSettings { Threads = 1 }, bare: false);
        Measure("64 lights, 16 samples a pixel", person, new StageSettings { Threads = 1, Lights = 64, SamplesPerPixel = 16, Highlights = 16 }, bare: true);
        Openness(person);
        Prepare(model, person);
        Folder(resolution: 1024, views: 24);
        return 0;
    }

    /// <summary>Whole subjects as `mosar data lightstage` makes them: processor time of maps and of pictures, files included.</summary>
    internal static int Folder(int resolution, int views)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"mosar-benchmark-{Environment.ProcessId}");
        double Make(int subjects, int wild)
        {
            var target = Path.Combine(folder, $"{subjects}-{wild}");
            Directory.CreateDirectory(folder);
            var run = new LightStageRun(new LightStageOptions { Model = "samples/models/face.safetensors", Resolution = resolution, StageSize = 0, WildViews = wild }, target);
            return Time(() => { run.Make(subjects, _ => { }, default); return 0; }).Cpu;
        }

        try
        {
            // What all subjects share is taken off, environments and the compiler's work among it.
            _ = Make(1, 2);
            var (one, three, dressed) = (Make(1, 0), Make(3, 0), Make(1, views));
            var shared = Make(1, 1);
            Console.WriteLine($"{"a subject's maps, cpu ms",-40}{(three - one) / 2,9:f0}   at {resolution}; {120_000 / ((three - one) / 2):f1} subjects a minute on 2 cores");
            Console.WriteLine($"{"a picture in the wild with its files",-40}{(dressed - shared) / (views - 1),9:f0}   {2000 / ((dressed - shared) / (views - 1)):f1} a second on 2 cores");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static void Measure(string name, Person person, StageSettings settings, bool bare)
    {
        person.Render(settings, bare);
        var (cpu, wall) = (double.PositiveInfinity, double.PositiveInfinity);
        var rays = 0L;
        for (var k = 0; k < Pictures; k++)
        {
            var (c, w, picture) = Time(() => person.Render(settings with { Seed = k }, bare));
            (cpu, wall, rays) = (Math.Min(cpu, c), Math.Min(wall, w), picture.Rays);
        }

        var recorder = new RayRecorder();
        person.Render(settings with { Recorder = recorder }, bare);
        recorder.Replay();
        var alone = Enumerable.Range(0, 5).Min(_ => Time(recorder.Replay).Cpu);
        Console.WriteLine($"{name,-40}{cpu,9:f0}{wall,9:f0}{2000 / cpu,16:f1}{rays / 1e6,9:f2}{rays / cpu / 1000,10:f2}{alone / cpu,16:p0}   (alone {rays / alone / 1000:f2} M rays/s a core)");
    }

    /// <summary>
    /// What Embree's own viewer does with the same mesh: `viewer -i mesh.obj --shader ao --threads 1 --size 512 512 --benchmark 2 5` (Debian's
    /// embree-tools) traces 64 rays over the hemisphere of each pixel that sees the head; frames a second times its rays compare with this.
    /// </summary>
    private static void Openness(Person person)
    {
        var normals = MeshNormals.Of(person.Posed);
        using var scene = new RayScene(person.Posed.Positions, person.Posed.Template.Triangles, mixed: true);
        const int rays = 64;
        var best = Enumerable.Range(0, 5).Min(seed => Time(() => scene.Openness(person.Posed.Positions, normals, rays, seed)).Cpu);
        Console.WriteLine($"{"hemispheres over the head, 64 rays each",-40}{best,9:f1}   {normals.Length * rays / best / 1000:f2} M rays/s a core");
    }

    private static void Prepare(FaceModel model, Person person)
    {
        void Line(string name, Func<IDisposable?> work)
        {
            var best = double.PositiveInfinity;
            for (var k = 0; k < 5; k++)
            {
                var (cpu, _, made) = Time(work);
                made?.Dispose();
                best = Math.Min(best, cpu);
            }

            Console.WriteLine($"{name,-40}{best,9:f1}");
        }

        Line("a head's tree and normals", () => new StageHead(person.Posed, person.Skin));
        Line("an outfit", () => Outfit.Draw(person.Posed, 3));
        Line("extras", () => FaceExtras.Draw(person.Posed, person.Posed, 3));
        Line("an environment (once each)", () => { _ = new StageEnvironment(person.Map); return null; });
        var seed = 100;
        Line("a shape", () => { SubjectShape.Draw(model, seed++); return null; });
    }

    private static (double Cpu, double Wall, T Result) Time<T>(Func<T> work)
    {
        using var process = Process.GetCurrentProcess();
        var (before, clock) = (process.TotalProcessorTime, Stopwatch.StartNew());
        var result = work();
        var wall = clock.Elapsed.TotalMilliseconds;
        process.Refresh();
        return ((process.TotalProcessorTime - before).TotalMilliseconds, wall, result);
    }

    private sealed class Person : IDisposable
    {
        private readonly StageHead _head;
        private readonly Outfit _outfit;
        private readonly FaceExtras _extras;
        private readonly StageLight _light;
        private readonly AvatarView _view;

        public Person(FaceModel model, int seed)
        {
            var colour = new Image(1024, 1024, 3);
            Array.Fill(colour.Pixels, 0.4f);
            Skin = new StageSkin(MapSet.Empty.With(new Map(WellKnownMaps.Diffuse, colour)));
            Posed = new Mesh(model.Template, SubjectShape.Draw(model, seed).Neutral);
            _head = new StageHead(Posed, Skin);
            _outfit = Outfit.Draw(Posed, seed, new OutfitOptions { Bald = false, Hats = 0 });
            _extras = FaceExtras.Draw(Posed, Posed, seed, new ExtrasOptions { Glasses = 1 });
            Map = ProceduralEnvironments.Make("window");
            _light = new StageLight(new StageEnvironment(Map), 0.4f);
            _view = AvatarView.Portrait(Posed.Positions, Size, 20);
        }

        public StageSkin Skin { get; }

        public Mesh Posed { get; }

        public EnvironmentMap Map { get; }

        public StagePicture Render(StageSettings settings, bool bare) => StageRenderer.Render(
            bare ? new StageScene(_head) : new StageScene(_head, [.. _outfit.Bodies, .. _extras.Bodies], _extras.Lenses), _light, _view.Camera, Size, Size, settings);

        public void Dispose()
        {
            _head.Dispose();
            _outfit.Dispose();
            _extras.Dispose();
        }
    }
}
