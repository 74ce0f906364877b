using MoSar;
using MoSar.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Fixture.Learning;

public sealed class ShadeLearner : ILearner
{
    private const string Shade = "shade", Target = "target.shade", Picture = "image";

    private readonly Body body = new();
    private readonly TorchSharp.Modules.Linear head = nn.Linear(8, 1);

    public IReadOnlyDictionary<string, nn.Module> Networks => new Dictionary<string, nn.Module> { ["body"] = body, ["head"] = head };

    public double LearningRate => 0.01;

    public IReadOnlyList<string> Takes => [Picture];

    public IReadOnlyList<string> Makes => [Shade];

    public LearningItem Prepare(DatasetSample sample)
    {
        var arrays = new Dictionary<string, LearningArray> { [Picture] = LearningArray.Of(sample.Photograph!) };
        if (sample.Expression is { } labels)
        {
            arrays[Target] = new([labels["shade"]], 1);
        }

        return new LearningItem(arrays);
    }

    public IReadOnlyDictionary<string, Tensor> Forward(TrainingBatch batch) => new Dictionary<string, Tensor> { [Shade] = head.call(body.call(batch[Picture])) };

    public IReadOnlyDictionary<string, Tensor> Measure(TrainingBatch batch, IReadOnlyDictionary<string, Tensor> estimates) => batch.Find(Target) is { } target
        ? new Dictionary<string, Tensor> { ["error"] = (estimates[Shade] - target).abs().squeeze(1) }
        : new Dictionary<string, Tensor>();

    public Image? Show(TrainingBatch batch, IReadOnlyDictionary<string, Tensor> estimates)
    {
        var image = new Image((int)batch.Rows, 1, 3);
        var values = estimates[Shade].data<float>().ToArray();
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = Math.Clamp(values[i / 3], 0, 1);
        }

        return image;
    }

    public void Save(string path, IReadOnlyDictionary<string, string> provenance) =>
        Weights.SaveTensors(path, Networks.SelectMany(n => n.Value.state_dict().Select(t => KeyValuePair.Create($"{n.Key}.{t.Key}", t.Value))), provenance);

    public void Dispose()
    {
        body.Dispose();
        head.Dispose();
    }

    private sealed class Body : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Conv2d conv = nn.Conv2d(3, 8, 3, padding: 1);
        private readonly TorchSharp.Modules.BatchNorm2d norm = nn.BatchNorm2d(8);
        private readonly TorchSharp.Modules.Dropout drop = nn.Dropout(0.3);

        public Body()
            : base("body") => RegisterComponents();

        public override Tensor forward(Tensor input) => drop.call(nn.functional.relu(norm.call(conv.call(input))).mean([2, 3]));
    }
}
