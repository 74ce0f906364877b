using System.Diagnostics;
using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.LightStage;
using MoSar.LightStage.Shapes;
using MoSar.LightStage.Skins;

namespace MoSar.StageSheets;

/// <summary>24 drawn people with skin, hair and clothes under random environments.</summary>
internal static class PeopleSheet
{
    public static int Make(string file, int first, int count, int size, string[] environments)
    {
        var model = FaceModel.Load("samples/models/face.safetensors");
        var space = new SkinSpace(model, 1024);
        var lights = environments.Select(e => EnvironmentMap.Read(e)).Select(m => (Map: new StageEnvironment(m), Exposure: Exposure.Automatic(m))).ToArray();
        var sheet = new Sheet(size, size, Math.Min(count, 8));
        var sheetOfMasks = new Sheet(size, size, Math.Min(count, 8));
        for (var k = 0; k < count; k++)
        {
            var seed = first + k;
            var rng = new Random(seed);
            var skinParameters = SkinParameters.Draw(1, seed, model.AlbedoCount);
            var shape = SubjectShape.Draw(model, seed, new ShapeOptions { Age = skinParameters.Age });
            var neutral = new Mesh(model.Template, shape.Neutral);
            var maps = SkinMaker.Make(space, skinParameters, neutral);
            var skin = new StageSkin(maps);
            var expression = new float[model.ExpressionCount];
            for (var e = 0; e < 4; e++)
            {
                expression[rng.Next(expression.Length)] = rng.NextSingle() * 0.7f;
            }

            var posed = shape.WithExpression(expression);
            using var outfit = Outfit.Draw(neutral, seed, new OutfitOptions { Age = skinParameters.Age, HairColour = skinParameters.Hair, Bald = null });
            using var extras = FaceExtras.Draw(neutral, posed, seed, new ExtrasOptions { HairColour = skinParameters.Hair });
            using var head = new StageHead(posed, skin, new HeadLook { EyesFromMaps = true });
            var (map, exposure) = lights[k % lights.Length];
            var light = new StageLight(map, rng.NextSingle() * 6.28f, exposure);
            var view = AvatarView.Portrait(neutral.Positions, size, (rng.NextSingle() - 0.5f) * 90, (rng.NextSingle() - 0.4f) * 30);
            var clock = Stopwatch.StartNew();
            var picture = StageRenderer.Render(new StageScene(head, [.. outfit.Bodies, .. extras.Bodies], extras.Lenses), light, view.Camera, size, size, new StageSettings { Seed = seed });
            Console.WriteLine($"{seed}: {clock.ElapsedMilliseconds} ms, {picture.Rays / 1e6:f2} M rays; {string.Join(' ', outfit.Names.Concat(extras.Names))}");
            sheet.Add(picture.Colour);
            sheetOfMasks.Add(picture.Mask);
        }

        sheet.Write(file);
        sheetOfMasks.Write(Path.ChangeExtension(file, ".mask.png"));
        return 0;
    }
}
