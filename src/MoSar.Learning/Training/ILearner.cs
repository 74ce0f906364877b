using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Training;

/// <summary>
/// What is trained: networks, what they see of a sample, and what they make of a batch. The host owns the rest: the loop, seeds, losses,
/// optimiser, checkpoints and reports. Made from its options like any stage; a plugin usually registers it beside the stage that uses the weights.
/// </summary>
/// <remarks>
/// Randomness may come from torch's generator only: it is seeded before the learner is made and anew before every step, so that a run which was
/// killed and goes on draws what one that never stopped draws.
/// </remarks>
public interface ILearner : IDisposable
{
    /// <summary>By names that a recipe's <c>rates</c> may use. Parameters that require no gradient stay as they are.</summary>
    IReadOnlyDictionary<string, nn.Module> Networks { get; }

    /// <summary>The topology of the meshes among the estimates; null without such.</summary>
    FaceTemplate? Template => null;

    /// <summary>The learning rate where a recipe says none: the paper's.</summary>
    double LearningRate { get; }

    /// <summary>Names of the arrays that <see cref="Forward"/> takes from every item, labelled or not.</summary>
    IReadOnlyList<string> Takes { get; }

    /// <summary>Names of the tensors that <see cref="Forward"/> makes; losses may need them.</summary>
    IReadOnlyList<string> Makes { get; }

    /// <summary>What of a sample is learned from. Runs on the loader's threads: it touches no network and no generator.</summary>
    /// <exception cref="MoSarException">The sample lacks what is in <see cref="Takes"/>.</exception>
    LearningItem Prepare(DatasetSample sample);

    /// <summary>The estimates, [rows, …] each, under the names of <see cref="Makes"/>.</summary>
    IReadOnlyDictionary<string, Tensor> Forward(TrainingBatch batch);

    /// <summary>Errors in units that a person understands, one value a row ([rows]; NaN where a row has no truth); averaged over the validation data. Called without gradients.</summary>
    IReadOnlyDictionary<string, Tensor> Measure(TrainingBatch batch, IReadOnlyDictionary<string, Tensor> estimates) => new Dictionary<string, Tensor>();

    /// <summary>A picture of what was learned from the first rows of the validation data; null: nothing to see. Linear Rec.709.</summary>
    Image? Show(TrainingBatch batch, IReadOnlyDictionary<string, Tensor> estimates) => null;

    /// <summary>Writes the weights in the form that the pipeline's stage reads.</summary>
    /// <param name="path">The file, replaced as a whole.</param>
    /// <param name="provenance">For the file's metadata: manifest, seed, steps.</param>
    void Save(string path, IReadOnlyDictionary<string, string> provenance);
}

/// <summary>What a learner takes from one sample.</summary>
/// <param name="Arrays">By name: inputs, and truths under <c>target.…</c>. The same name has the same shape in every item.</param>
public sealed record LearningItem(IReadOnlyDictionary<string, LearningArray> Arrays);

/// <param name="Values">Row-major.</param>
/// <param name="Shape">Without the row.</param>
public readonly record struct LearningArray(float[] Values, params long[] Shape)
{
    /// <summary>A picture channel by channel, [C, H, W].</summary>
    /// <param name="channels">Which, in order; none: all.</param>
    public static LearningArray Of(Image picture, params int[] channels)
    {
        if (channels.Length == 0)
        {
            channels = [.. Enumerable.Range(0, picture.Channels)];
        }

        var area = picture.Width * picture.Height;
        var planes = new float[channels.Length * area];
        for (var c = 0; c < channels.Length; c++)
        {
            for (var i = 0; i < area; i++)
            {
                planes[(c * area) + i] = picture.Pixels[(i * picture.Channels) + channels[c]];
            }
        }

        return new LearningArray(planes, channels.Length, picture.Height, picture.Width);
    }
}
