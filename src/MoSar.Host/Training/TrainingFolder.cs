using System.Globalization;
using System.Text;
using System.Text.Json;
using MoSar.Graphics;
using MoSar.Host.Manifests;
using MoSar.Host.Runs;
using MoSar.Learning.Data;
using TorchSharp;

namespace MoSar.Host.Training;

/// <summary>Everything that a checkpoint says beside its tensors.</summary>
/// <param name="Step">Steps done. It is all there is to know of the random generators: they are seeded anew at each step.</param>
/// <param name="Positions">Where each source goes on.</param>
/// <param name="Best">So far; null before the first validation.</param>
/// <param name="Misses">Validations in a row without a better one.</param>
/// <param name="Seconds">Trained so far.</param>
internal sealed record CheckpointState(int Step, IReadOnlyDictionary<string, DataPosition> Positions, BestWeights? Best, int Misses, double Seconds);

/// <summary>The files of one training. Each is written beside its place and renamed, so that a kill at any moment leaves whole ones.</summary>
internal sealed class TrainingFolder(string root)
{
    private const string StateKey = "state";

    private string Checkpoints => Path.Combine(root, "checkpoints");

    public string Root => root;

    public string Last => Path.Combine(Checkpoints, "last.safetensors");

    public string Best => Path.Combine(Checkpoints, "best.safetensors");

    /// <summary>What the pipeline's stage reads.</summary>
    public string Weights => Path.Combine(root, "weights.safetensors");

    private string Metrics => Path.Combine(root, "metrics.jsonl");

    public string Diverged(int step) => Path.Combine(root, "diverged", Numbered(step) + ".safetensors");

    public void Create()
    {
        Directory.CreateDirectory(Checkpoints);

        // What a killed process was writing beside; nobody else is at work here.
        foreach (var leftover in new[] { "*.tmp", ".*.part" }.SelectMany(p => Directory.GetFiles(root, p, SearchOption.AllDirectories)))
        {
            File.Delete(leftover);
        }
    }

    public void WriteManifest(IReadOnlyList<KeyValuePair<string, object?>> plain) => WriteText(
        Path.Combine(root, RunRecord.ManifestFileName), $"# Resolved: nothing inherited, every default said. Made by 'mosar train'.\n{PlainData.ToYaml(plain)}");

    public void Write(TrainingRecord record) => WriteText(Path.Combine(root, TrainingRecord.FileName), record.ToJson() + "\n");

    public static void SaveCheckpoint(string path, IReadOnlyDictionary<string, torch.Tensor> tensors, CheckpointState state) =>
        MoSar.Weights.SaveTensors(path, tensors, new Dictionary<string, string> { [StateKey] = JsonSerializer.Serialize(state) });

    /// <exception cref="MoSarException"><c>weights-…</c>: broken; <c>checkpoint-foreign</c>: not one of this program's.</exception>
    public static CheckpointState ReadState(string path)
    {
        try
        {
            if (SafetensorsFile.Read(path, "Delete it to begin anew, or choose another folder with --out.").Metadata.TryGetValue(StateKey, out var text) && JsonSerializer.Deserialize<CheckpointState>(text) is { } state)
            {
                return state;
            }
        }
        catch (JsonException)
        {
            // As if there were none.
        }

        throw new MoSarException("checkpoint-foreign", $"'{path}' is no checkpoint of a training.", "Delete it to begin anew, or choose another folder with --out.");
    }

    /// <summary>Drops lines of steps that are about to be done again.</summary>
    public void TruncateMetrics(int step)
    {
        if (File.Exists(Metrics))
        {
            WriteText(Metrics, string.Concat(File.ReadLines(Metrics).Where(l => StepOf(l) is { } s && s <= step).Select(l => l + "\n")));
        }
    }

    /// <summary>A line of <c>metrics.jsonl</c>: for programs, which TensorBoard's format is a burden to.</summary>
    public void AppendMetrics(int step, string kind, IEnumerable<KeyValuePair<string, double>> values)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{\"step\":{step},\"kind\":\"{kind}\"");
        foreach (var (name, value) in values)
        {
            text.Append(CultureInfo.InvariantCulture, $",{JsonSerializer.Serialize(name)}:{(double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "null")}");
        }

        File.AppendAllText(Metrics, text.Append("}\n").ToString());
    }

    public byte[] WritePicture(int step, Image picture)
    {
        var png = ImageFile.EncodePng(picture);
        var folder = Path.Combine(root, "pictures");
        Directory.CreateDirectory(folder);
        AtomicFile.Write(Path.Combine(folder, Numbered(step) + ".png"), png);
        return png;
    }

    private static string Numbered(int step) => $"step-{step.ToString("D7", CultureInfo.InvariantCulture)}";

    private static int? StepOf(string line)
    {
        try
        {
            using var parsed = JsonDocument.Parse(line);
            return parsed.RootElement.GetProperty("step").GetInt32();
        }
        catch (JsonException)
        {
            // The last line of a process that was killed while it wrote.
            return null;
        }
    }

    private static void WriteText(string path, string text) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(text));
}
