using System.Diagnostics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.LightStage;

namespace MoSar.StageSheets;

/// <summary>A finished avatar under several environments.</summary>
internal static class AvatarSheet
{
    public static int Make(string folder, string file, int size, string[] environments)
    {
        var model = FaceModel.Load("samples/models/face.safetensors");
        var avatar = AvatarScene.Load(folder);
        var skin = new StageSkin(avatar.WithMapsUpTo(2048).Maps);
        var mesh = new Mesh(model.Template, avatar.Positions);
        using var head = new StageHead(mesh, skin);
        var scene = new StageScene(head);
        var sheet = new Sheet(size, size, environments.Length);
        foreach (var angle in (float[])[0, -35, 70])
        {
            var view = AvatarView.Portrait(mesh.Positions, size, angle);
            foreach (var path in environments)
            {
                var map = EnvironmentMap.Read(path);
                var light = new StageLight(new StageEnvironment(map), 0, Exposure.Automatic(map));
                var clock = Stopwatch.StartNew();
                var picture = StageRenderer.Render(scene, light, view.Camera, size, size);
                Console.WriteLine($"{Path.GetFileNameWithoutExtension(path)} {angle}: {clock.Elapsed.TotalMilliseconds:f0} ms, {picture.Rays / 1e6:f2} M rays");
                sheet.Add(picture.Colour);
            }
        }

        sheet.Write(file);
        return 0;
    }
}

/// <summary>Tiles in rows.</summary>
internal sealed class Sheet(int width, int height, int columns)
{
    private readonly List<Image> _tiles = [];

    /// <summary>Adds a picture of scene light.</summary>
    public void Add(Image linear) => _tiles.Add(linear);

    public void Write(string file)
    {
        var rows = (_tiles.Count + columns - 1) / columns;
        var all = new Image(width * columns, height * rows, 3);
        for (var k = 0; k < _tiles.Count; k++)
        {
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    ToneCurve.Apply(_tiles[k].Rgb(x, y)).CopyTo(all.Pixels, ((((k / columns * height) + y) * all.Width) + (k % columns * width) + x) * 3);
                }
            }
        }

        ImageFile.WritePng(file, all);
    }
}
