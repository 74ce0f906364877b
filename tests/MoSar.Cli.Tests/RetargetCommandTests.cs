using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using MoSar.Faces;
using MoSar.Faces.Retargeting;
using MoSar.Graphics;
using MoSar.Testing;

namespace MoSar.Cli.Tests;

/// <summary><c>mosar retarget</c>, on the mean head in its own topology: its atlas lies on its side, so that every texel's place is known.</summary>
public sealed class RetargetCommandTests : IDisposable
{
    private readonly CommandFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AMeshIsRegisteredOnceAndTexturesGoBothWays()
    {
        var model = FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));
        var turned = model.Template with { Uvs = Array.ConvertAll(model.Template.Uvs, t => new Vector2(1 - t.Y, t.X)) };
        ObjWriter.Write(folder.At("head.obj"), new Mesh(turned, model.Mean));
        File.WriteAllLines(folder.At("marks.txt"), model.Template.LandmarksOn(model.Mean).Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X} {p.Y} {p.Z}")));

        var (code, output, error) = folder.Run("retarget", "--mesh", "head.obj", "--landmarks", "marks.txt", "-c", "head.safetensors");
        Assert.Equal((0, "aligning landmarks …\nfitting the face model …\ndrawing the template onto the mesh …\n"), (code, error));
        Assert.Matches(@"^mosar-head/2 on head\.obj: 100\.0 % of the face found, 0\.0\d mm away on average \(95 % within 0\.\d\d\), landmarks 0\.\d mm, 1 unit = (1|0\.99\d+|1\.00\d*) mm\n$", output);

        // There and back, of every kind and depth.
        Directory.CreateDirectory(folder.At("maps"));
        ImageFile.WritePng(folder.At("maps/diffuse.png"), Ramp(3));
        ImageFile.WritePng(folder.At("maps/specular.png"), Ramp(1), 16, ColourEncoding.Linear);
        ImageFile.WriteExr(folder.At("maps/displacement.exr"), Ramp(1));
        ImageFile.WritePng(folder.At("maps/normal.png"), Flat(), 16, ColourEncoding.Linear);
        ImageFile.WritePng(folder.At("maps/with_alpha.png"), Ramp(4));
        (code, output, error) = folder.Run("retarget", "--correspondence", "head.safetensors", "--to", "mesh", "--check", "--out", "there", "maps");
        Assert.Equal((0, string.Empty), (code, error));
        Assert.Matches(
            """
            ^mosar-head/2 on head\.obj: .*
            ROOT/there/diffuse\.png: colour, 128×128, there and back SSIM (1\.0000|0\.99\d\d) inside the face
            ROOT/there/displacement\.exr: data, 128×128, there and back SSIM (1\.0000|0\.99\d\d) inside the face
            ROOT/there/normal\.png: normal, 128×128, there and back SSIM 1\.0000 inside the face
            ROOT/there/specular\.png: data, 128×128, there and back SSIM (1\.0000|0\.99\d\d) inside the face
            ROOT/there/with_alpha\.png: colour, 128×128, there and back SSIM (1\.0000|0\.99\d\d) inside the face
            ROOT/there/mask\.png: (100\.0|9\d\.\d) % of the atlas has a counterpart
            $
            """,
            output);
        Assert.Equal((16, 1), (ImageFile.Describe(folder.At("there/specular.png")).Bits, ImageFile.Describe(folder.At("there/specular.png")).Channels));
        Assert.Equal((16, true), (ImageFile.Describe(folder.At("there/displacement.exr")).Bits, ImageFile.Describe(folder.At("there/displacement.exr")).IsFloat));
        Assert.True(ImageFile.Describe(folder.At("there/with_alpha.png")).HasAlpha);

        // u has become v: the mesh's atlas lies on its side.
        var there = ImageFile.ReadData(folder.At("there/displacement.exr"));
        Assert.Equal(0.5f, there[30, 64, 0], 0.02f);
        Assert.Equal(0.25f, there[64, 32, 0], 0.02f);

        (code, output, _) = folder.Run("retarget", "-c", "head.safetensors", "--to", "template", "--size", "64", "--kind", "data", "--json", "--out", "back", "there/diffuse.png", "there/none.png");
        Assert.Equal(1, code);
        var result = JsonNode.Parse(output)!;
        Assert.Equal(("data", 64), ((string)result["textures"]![0]!["kind"]!, (int)result["textures"]![0]!["size"]!));
        Assert.Equal("file-missing", (string)result["textures"]![1]!["error"]!["code"]!);
        Assert.Equal(64, ImageFile.Describe(folder.At("back/mask.png")).Width);

        // The file knows what it was made of.
        Assert.Equal(0, folder.Run("retarget", "--mesh", "head.obj", "--landmarks", "marks.txt", "-c", "head.safetensors").Code);
        File.AppendAllText(folder.At("head.obj"), "# edited\n");
        (code, _, error) = folder.Run("retarget", "--mesh", "head.obj", "--landmarks", "marks.txt", "-c", "head.safetensors");
        Assert.Equal((2, "error: 'ROOT/head.safetensors' was made from another mesh, other landmarks or another tile.\n = Remove it, or name another file with --correspondence.\n"), (code, error));
    }

    [Theory]
    [InlineData("", "--correspondence is missing: without textures there is nothing to do but to make it.")]
    [InlineData("a.png", "--to is missing: say which way: template or mesh.\nerror: --out is missing: name the folder for what is made.")]
    [InlineData("a.png --out b --to head", "Argument 'head' not recognized. Must be one of:\n\t'template'\n\t'mesh'")]
    [InlineData("a.png --out b --to mesh --sise 3", "There is no option '--sise'; did you mean '--size'?")]
    [InlineData("a.png --out b --to mesh --size 3", "--size is a whole number from 16 to 16384, not '3'.")]
    public void AWrongCommandLineIsExplained(string arguments, string message)
    {
        var (code, output, error) = folder.Run(["retarget", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((2, string.Empty, $"error: {message}\n = mosar retarget --help shows what there is.\n"), (code, output, error));
    }

    [Fact]
    public void WhatCannotBeIsSaidBeforeTheWork()
    {
        folder.Picture("a.png");
        folder.Picture("b/a.png");
        folder.Picture("b/mask.png");
        File.WriteAllText(folder.At("cube.obj"), "v 0 0 0\nvt 0 0\nf 1/1 1/1 1/1\n");
        Assert.Equal("error: There is neither --mesh nor --correspondence.\n = Give --mesh and --landmarks, or the --correspondence that was made of them.\n", Error("a.png", "--to", "mesh", "--out", "o"));
        Assert.Equal("error: There is no file 'ROOT/c'.\n = Give --mesh and --landmarks, or the --correspondence that was made of them.\n", Error("a.png", "--to", "mesh", "--out", "o", "-c", "c"));
        Assert.StartsWith("error: --landmarks is missing.\n", Error("a.png", "--to", "mesh", "--out", "o", "--mesh", "cube.obj"));
        Assert.StartsWith("error: 'ROOT/cube.obj' has 1 faces: no head can be made out in that.\n", Error("a.png", "--to", "mesh", "--out", "o", "--mesh", "cube.obj", "--landmarks", "l"));
        Assert.StartsWith("error: There is no file 'ROOT/none.obj'.\n", Error("-c", "c", "--mesh", "none.obj", "--landmarks", "l"));
        Assert.StartsWith("error: 'ROOT/b/a.png' would be written as 'a', a name that is taken.\n", Error("a.png", "b/a.png", "--to", "mesh", "--out", "o"));
        Assert.StartsWith("error: 'ROOT/b/mask.png' would be written as 'mask', a name that is taken.\n", Error("b/mask.png", "--to", "mesh", "--out", "o"));
        Assert.StartsWith("error: 'ROOT/b/a.png' lies in the folder of --out and could be overwritten.\n", Error("b/a.png", "--to", "mesh", "--out", "b"));
        Assert.StartsWith("error: There is no file 'ROOT/x.png'.\n", Error("x.png", "--to", "mesh", "--out", "o"));
        Assert.StartsWith("error: ROOT/a.png ", Error("a.png", "--to", "mesh", "--out", "o", "-c", "a.png"));

        Directory.CreateDirectory(folder.At("empty"));
        File.WriteAllText(folder.At("empty/readme.txt"), "x");
        Assert.StartsWith("error: There is no texture to carry.\n", Error("empty", "--to", "mesh", "--out", "o"));
        File.Copy(folder.At("a.png"), folder.At("empty/c.png"));
        Assert.StartsWith("notice: empty: 1 of 2 files are not pictures by their names", Error("empty", "--to", "mesh", "--out", "o"));

        string Error(params string[] args)
        {
            var (code, _, error) = folder.Run(["retarget", .. args]);
            Assert.Equal(2, code);
            return error;
        }
    }

    // u, in every channel.
    private static Image Ramp(int channels)
    {
        var image = new Image(128, 128, channels);
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = ((i / channels % 128) + 0.5f) / 128;
        }

        return image;
    }

    private static Image Flat()
    {
        var image = new Image(128, 128, 3);
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = i % 3 == 2 ? 1 : 0.5f;
        }

        return image;
    }
}
