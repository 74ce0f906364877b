using System.Text.Json.Nodes;

namespace MoSar.Cli.Tests;

/// <summary><c>mosar data check</c> and what the manifest commands make of <c>data:</c>.</summary>
public sealed class DataCheckTests : IDisposable
{
    private static readonly string[] Plugins = ["--plugins", "plugins"];

    private readonly CommandFolder folder = new();

    public DataCheckTests() => File.WriteAllText(
        folder.At("data.yaml"),
        """
        schema: mosar/v1
        name: people
        data:
          split: {validation: 0.2, test: 0.2}
          sources:
            people: {stage: data.fake, subjects: 20}
        """);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void SoundDataAreListed()
    {
        var (code, output, error) = folder.Run(["data", "check", "data.yaml", .. Plugins]);
        Assert.Equal((0, string.Empty), (code, error));
        Assert.Matches(@"people +data\.fake +train +\d+ +\d+", output);
        Assert.Matches(@"validation +\d+ +\d+", output);
        Assert.EndsWith(
            """
            people: 40 of 40 items decoded, 0 corrupt
              s0/0 holds
                photograph               32×32, mean 0.000

            """,
            output);
    }

    [Fact]
    public void CorruptItemsAreNamedAndTheCommandFails()
    {
        string[] corrupt = ["--set", "data.sources.people.corrupt=[s3/1]"];
        var (code, output, _) = folder.Run(["data", "check", "data.yaml", .. Plugins, .. corrupt]);
        Assert.Equal(1, code);
        Assert.Contains("people: 40 of 40 items decoded, 1 corrupt\n  corrupt: s3/1: 's3/1.png' is truncated.\n", output);

        // Allowed, and still shown.
        (code, output, _) = folder.Run(["data", "check", "data.yaml", .. Plugins, .. corrupt, "--set", "data.skip_corrupt=true"]);
        Assert.Equal(0, code);
        Assert.Contains("corrupt: s3/1", output);
    }

    [Fact]
    public void JsonIsForPrograms()
    {
        var (code, output, error) = folder.Run(["data", "check", "data.yaml", .. Plugins, "--json", "--limit", "4", "--set", "data.sources.people.corrupt=[s0/0]"]);
        Assert.Equal((1, string.Empty), (code, error));
        var source = JsonNode.Parse(output)!["sources"]![0]!;
        Assert.Equal(("people", "data.fake", 4), ((string)source["name"]!, (string)source["stage"]!, (int)source["checked"]!));
        Assert.Equal(40, source["items"]!.AsObject().Sum(s => (int)s.Value!));
        Assert.Equal(20, source["subjects"]!.AsObject().Sum(s => (int)s.Value!));
        Assert.Equal("image-truncated", (string)source["corrupt"]![0]!["code"]!);
        Assert.Equal("s5/0", (string)source["first"]!["id"]!);

        (code, output, _) = folder.Run(["data", "check", "fakes.yaml", .. Plugins, "--json"]);
        Assert.Equal(2, code);
        Assert.Equal("manifest-key-missing", (string)JsonNode.Parse(output)!["errors"]![0]!["code"]!);
    }

    [Fact]
    public void TheManifestCommandsKnowData()
    {
        Assert.Equal((0, "ok: people, 1 dataset source\n", string.Empty), folder.Run(["manifest", "validate", "data.yaml", .. Plugins]));

        var (code, output, _) = folder.Run(["manifest", "explain", "data.yaml", .. Plugins]);
        Assert.Equal(0, code);
        Assert.Matches(@"\n    people:\n      stage: data.fake +# data.yaml:6:\d+\n      subjects: 20 +# data.yaml:6:\d+\n      pictures: 2 +# default\n", output);

        (code, output, _) = folder.Run(["manifest", "schema", .. Plugins]);
        Assert.Equal(0, code);
        var data = JsonNode.Parse(output)!["properties"]!["data"]!["properties"]!;
        Assert.Equal(256, (int)data["resolution"]!["default"]!);
        Assert.Contains("#/$defs/data.fake", data["sources"]!.ToJsonString());
        Assert.Equal(0.05, (double)data["split"]!["properties"]!["test"]!["default"]!);

        (code, output, _) = folder.Run(["plugins", "list", .. Plugins]);
        Assert.Matches("data.fake +a dataset source", output);
    }

    [Fact]
    public void ADataManifestIsNotRunOnPhotographs()
    {
        folder.Picture("a.png");
        var (code, _, error) = folder.Run(["run", "--manifest", "data.yaml", .. Plugins, "--out", "heads", "a.png"]);
        Assert.Equal(2, code);
        Assert.Contains("no pipeline", error);
    }
}
