using System.Text.Json.Nodes;

namespace MoSar.Cli.Tests;

/// <summary><c>mosar data landmarks</c> with the fakes' detector.</summary>
public sealed class DataLandmarksTests : IDisposable
{
    private static readonly string[] Common = ["--manifest", "fakes.yaml", "--plugins", "plugins"];

    private readonly CommandFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EachPhotographIsLookedAtOnce()
    {
        folder.Picture("photos/a.png");
        folder.Picture("photos/b/c.png", 0.2f);
        File.WriteAllText(folder.At("photos/broken.png"), "no picture");
        var (code, output, error) = folder.Run(["data", "landmarks", "photos", .. Common, "--set", "pipeline.detect.faces=2"]);
        Assert.Equal((1, string.Empty), (code, error));
        Assert.StartsWith("ROOT/photos/landmarks.json: 2 of 3 photographs have landmarks, 3 looked at now\n2 show several faces: the largest was taken\n1 left out:\n  broken.png: ", output);
        var c = JsonNode.Parse(File.ReadAllText(folder.At("photos/landmarks.json")))!["photographs"]!["b/c.png"]!;
        Assert.Equal((80, 80, 2, 136), ((int)c["width"]!, (int)c["height"]!, (int)c["faces"]!, c["points"]!.AsArray().Count));

        // What is there stays; a changed photograph and a new one are looked at.
        folder.Picture("photos/a.png", 0.9f);
        folder.Picture("photos/d.png", 0.1f);
        (_, output, _) = folder.Run(["data", "landmarks", "photos", .. Common, "--set", "pipeline.detect.faces=2", "--json"]);
        Assert.Equal((4, 2, 4), ((int)JsonNode.Parse(output)!["photographs"]!, (int)JsonNode.Parse(output)!["looked"]!, (int)JsonNode.Parse(output)!["done"]!));
    }

    [Fact]
    public void AnotherPlaceForTheFileAndPicturesWithoutFaces()
    {
        folder.Picture("photos/a.png");
        var (code, output, _) = folder.Run(["data", "landmarks", "photos", .. Common, "--out", "found/here.json", "--set", "pipeline.detect.faces=0"]);
        Assert.Equal((0, "ROOT/found/here.json: 0 of 1 photographs have landmarks, 1 looked at now\n1 left out:\n  a.png: no face was found\n"), (code, output));
        Assert.False(File.Exists(folder.At("photos/landmarks.json")));
    }

    [Fact]
    public void MistakesAreSaid()
    {
        Directory.CreateDirectory(folder.At("empty"));
        Assert.Equal(
            (2, string.Empty, "error: 'ROOT/empty' holds no photograph.\n = It should hold some (.png, .jpg, .jpeg, .tif, .tiff), in it or its subfolders.\n"),
            folder.Run(["data", "landmarks", "empty", .. Common]));
        Assert.Equal(
            (2, string.Empty, "error: There is no folder 'ROOT/nowhere'.\n = Name the folder that data.images reads.\n"),
            folder.Run(["data", "landmarks", "nowhere", .. Common]));
    }
}
