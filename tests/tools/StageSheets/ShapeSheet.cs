using System.Diagnostics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.LightStage;
using MoSar.LightStage.Shapes;
using MoSar.LightStage.Subjects;

namespace MoSar.StageSheets;

/// <summary>Drawn shapes in matt grey, and how far they leave the linear basis.</summary>
internal static class ShapeSheet
{
    public static int Make(string file, int first)
    {
        var model = FaceModel.Load("samples/models/face.safetensors");
        const int size = 256;
        var sheet = new Sheet(size, size, 8);
        for (var k = 0; k < 24; k++)
        {
            var clock = Stopwatch.StartNew();
            var shape = SubjectShape.Draw(model, first + k);
            var drawn = clock.ElapsedMilliseconds;
            var mesh = new Mesh(model.Template, shape.Neutral);
            var scene = new AvatarScene(mesh.Positions, mesh.Template.Triangles, mesh.Template.Uvs, mesh.Template.TriangleUvs, Grey());
            sheet.Add(new AvatarRenderer(scene).RenderGeometry(AvatarView.Portrait(mesh.Positions, size, k % 3 == 0 ? 0 : k % 3 == 1 ? -30 : 60)));
            Console.WriteLine($"{first + k}: age {shape.Parameters["age"]:f0} weight {shape.Parameters["weight"]:f2} attenuated {shape.Attenuations} crossings {shape.Crossings}, {drawn} ms");
        }

        sheet.Write(file);
        return 0;
    }

    public static int Statistics(int count)
    {
        var model = FaceModel.Load("samples/models/face.safetensors");
        var residual = new LinearResidual(model);
        var (rms, largest, attenuated, crossing) = (new List<double>(), new List<double>(), 0, 0);
        var far = new List<double>();
        var (posed, gestures, weakened) = (new List<int>(), new Dictionary<string, int>(), 0);
        for (var k = 0; k < count; k++)
        {
            var shape = SubjectShape.Draw(model, 1000 + k);
            var (mean, most, distance) = residual.Of(shape.Neutral);
            rms.Add(mean);
            largest.Add(most);
            far.Add(distance);
            attenuated += shape.Attenuations > 0 ? 1 : 0;
            crossing += shape.Crossings > 0 ? 1 : 0;
            posed.Add(Posed(model, shape, (uint)k, gestures, ref weakened));
        }

        Console.WriteLine($"{count} shapes: residual off the {model.IdentityCount} modes (and rigid motion), face region: rms mean {rms.Average():f2} mm (least {rms.Min():f2}, most {rms.Max():f2}), largest mean {largest.Average():f2} mm; " +
            $"rms from the mean head {far.Average():f2} mm; attenuated {attenuated}, still crossing {crossing}");
        posed.Sort();
        Console.WriteLine($"with a random expression each: {weakened} had to be weakened, {posed.Count(c => c > 0)} cross themselves (most {posed[^1]} edges; {string.Join(", ", gestures.Select(g => $"{g.Key} {g.Value}"))})");
        return 0;
    }

    // Edges that cross something, counted by the region where they are.
    private static int Posed(FaceModel model, SubjectShape shape, uint seed, Dictionary<string, int> places, ref int weakened)
    {
        var rng = new Rng(seed + 1);
        var wanted = Expressions.Draw(model, ref rng);
        var (mesh, expression) = Expressions.Act(model, shape, wanted);
        weakened += wanted.Sum(e => e.Value) > 1.01f * expression.Sum(e => e.Value) ? 1 : 0;
        var crossing = SelfCrossing.For(model).Find(mesh.Positions);
        foreach (var (vertex, _) in crossing)
        {
            var place = model.Template.Regions.Where(r => r.Key is not ("skin" or "face")).MaxBy(r => r.Value[vertex]).Key;
            places[place] = places.GetValueOrDefault(place) + 1;
        }

        return crossing.Count;
    }

    private static MapSet Grey()
    {
        var image = new Image(2, 2, 3);
        Array.Fill(image.Pixels, 0.5f);
        return MapSet.Empty.With(new Map(WellKnownMaps.Diffuse, image));
    }
}
