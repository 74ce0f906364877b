using System.Numerics;
using System.Text.Json.Nodes;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Testing;

namespace MoSar.Cli.Tests;

/// <summary><c>mosar eval artefacts</c>: what it counts, draws, and says of what it cannot read.</summary>
public sealed class EvalArtefactsTests : IDisposable
{
    private readonly CommandFolder folder = new();
    private readonly FaceModel model = FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AHeadWithAFaultIsNamed()
    {
        Write("run/anna/mesh.obj", model.Mean);
        var thorn = (Vector3[])model.Mean.Clone();
        thorn[model.Template.Triangles[model.Template.Landmarks[30].Triangle * 3]] -= new Vector3(0, 0, 400);
        Write("run/bert/mesh.obj", thorn);
        var (code, output, error) = folder.Run("eval", "artefacts", "run", "--sheet", "sheet.png");
        Assert.Equal((0, string.Empty), (code, error));
        Assert.Contains("\n1 of 2 heads have a fault of the outer skin\nROOT/sheet.png, row by row: anna bert\n", output, StringComparison.Ordinal);
        Assert.Matches(@" bert +[1-9]\d* +\d+ +[1-9]\d* +", output);
        Assert.DoesNotContain(" anna  ", output, StringComparison.Ordinal);
        var sheet = ImageFile.ReadPhotograph(folder.At("sheet.png")).Pixels;
        Assert.Equal((800, 400), (sheet.Width, sheet.Height));

        // A head is there, under warm light from the left and cool light from the right.
        Assert.True(Share(sheet, 110, 0) > 1.2 * Share(sheet, 110, 2), "the left is not warm");
        Assert.True(Share(sheet, 290, 2) > 1.2 * Share(sheet, 290, 0), "the right is not cool");
        (_, output, _) = folder.Run("eval", "artefacts", "run/anna/mesh.obj", "run/bert", "--json");
        Assert.Equal((1, 0), ((int)JsonNode.Parse(output)!["with_faults"]!, (int)JsonNode.Parse(output)!["heads"]![0]!["crossing"]!));
    }

    [Fact]
    public void WhatIsNoHeadIsSaid()
    {
        Directory.CreateDirectory(folder.At("empty"));
        Assert.Equal(
            (2, string.Empty, "error: There is no head in 'ROOT/empty'.\n = Name a folder that `mosar run --out` wrote, one of its avatars, a folder of OBJ files or one such file.\n"),
            folder.Run("eval", "artefacts", "empty"));
        File.WriteAllText(folder.At("empty/x.obj"), "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n");
        var (code, _, error) = folder.Run("eval", "artefacts", "empty");
        Assert.Equal(2, code);
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.Contains("x.obj", error, StringComparison.Ordinal);
    }

    private void Write(string path, Vector3[] positions)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.At(path))!);
        ObjWriter.Write(folder.At(path), new Mesh(model.Template, positions));
    }

    /// <summary>Mean of a channel over a column.</summary>
    private static double Share(Image image, int x, int channel) => Enumerable.Range(0, image.Height).Average(y => image.Pixels[(((y * image.Width) + x) * 3) + channel]);
}
