using MoSar.Host.Manifests;
using MoSar.Testing;

namespace MoSar.Cli.Tests;

/// <summary>Table 1 compares recipes that must differ in nothing but what a row is about.</summary>
public sealed class ShippedRecipeTests
{
    [Theory]
    [InlineData("scene", "scene-semi")]
    [InlineData("scene-linear", "scene-linear-semi")]
    [InlineData("scene-points", "scene-points-semi")]
    public void ASemiSupervisedRecipeAddsPhotographsOnly(string supervised, string semi)
    {
        var (without, with) = (Values(supervised), Values(semi));
        Assert.Equal(
            [
                "data.sources.photographs.folder", "data.sources.photographs.stage", "training.losses.aligned.sources", "training.losses.head.sources", "training.losses.normals.sources", "training.losses.photo.sources",
                "training.losses.photo_unlabelled.sources", "training.losses.photo_unlabelled.stage", "training.losses.points.sources", "training.losses.supervised.sources", "training.mix.photographs", "training.mix.stage",
            ],
            Different(without, with));

        // Which losses ask for labels: those may see renders only, as they do where there is nothing else.
        Assert.All(["aligned", "head", "normals", "photo", "points", "supervised"], l => Assert.Equal("[stage]", with[$"training.losses.{l}.sources"]));
    }

    [Theory]
    [InlineData("scene", "scene-linear")]
    [InlineData("scene-semi", "scene-linear-semi")]
    public void TheLinearBaselineDiffersInItsShapesOnly(string graph, string linear) => Assert.Equal(["training.learner.shape"], Different(Values(graph), Values(linear)));

    /// <summary>The paper's encoder has no dense landmarks, so nothing that is about them, and begins from nothing.</summary>
    [Fact]
    public void ThePapersEncoderDiffersInWhatItCannotHaveAndInHowLongItLearns() => Assert.Equal(
        [
            "training.learner.backbone", "training.learner.encoder", "training.losses.points.stage", "training.losses.points.weight", "training.optimizer.learning_rate", "training.optimizer.rates.dense",
            "training.optimizer.rates.landmarks", "training.schedule.warm_up", "training.steps", "training.validation.every",
        ],
        Different(Values("scene"), Values("scene-resnet50")));

    private static string[] Different(Dictionary<string, string> a, Dictionary<string, string> b) =>
        [.. a.Keys.Union(b.Keys).Where(k => a.GetValueOrDefault(k) != b.GetValueOrDefault(k)).Except(["name", "description"]).Order(StringComparer.Ordinal)];

    private static Dictionary<string, string> Values(string recipe)
    {
        var values = new Dictionary<string, string>();
        Collect(ManifestTree.Load(Repository.Folder("manifests", "training", $"{recipe}.yaml"), [], "/").Root, string.Empty);
        return values;

        void Collect(ManifestNode node, string path)
        {
            switch (node)
            {
                case MappingNode map:
                    map.Entries.ToList().ForEach(e => Collect(e.Value, path.Length == 0 ? e.Key : $"{path}.{e.Key}"));
                    break;
                case SequenceNode list:
                    values[path] = $"[{string.Join(", ", list.Items.OfType<ScalarNode>().Select(i => i.Text))}]";
                    break;
                case ScalarNode scalar:
                    values[path] = scalar.Text;
                    break;
            }
        }
    }
}
