using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using MoSar.Faces;
using MoSar.Learning;
using MoSar.Learning.Networks;
using MoSar.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene;

public sealed record DenseLandmarkOptions
{
    [Required]
    [ManifestPath]
    [Description("The face model, face.safetensors, whose vertices are to be found.")]
    public string Model { get; init; } = string.Empty;

    [ManifestPath]
    [Description("Weights to begin with, which say how large a network it is: of the landmark stage, or of an earlier training of this learner. Without it a small one.")]
    public string? Backbone { get; init; }
}

/// <summary>
/// <c>learn.dense_landmarks</c>: a <see cref="DenseLandmarkNetwork"/> from labelled crops (<c>data.crop: face</c>, from 128²) whose meshes have the face model's template. What it
/// writes a training of <c>learn.scene</c> with <c>encoder: landmarks</c> begins with.
/// </summary>
public sealed class DenseLandmarkLearner : ILearner
{
    private readonly FaceModel model;
    private readonly int[] points;
    private readonly DenseLandmarkNetwork network;

    /// <exception cref="MoSarException">Face model or weights are missing or broken.</exception>
    public DenseLandmarkLearner(DenseLandmarkOptions options)
    {
        model = FaceModel.Load(options.Model);
        points = DensePoints.Of(model.Template, model.Mean);
        var file = options.Backbone is { } path ? SafetensorsFile.Read(path) : null;
        var whole = file?.Contains("readout") == true;
        network = new DenseLandmarkNetwork(points.Length, file is null ? LandmarkSize.Small : LandmarkNetwork.SizeOf(file, whole ? "trunk." : string.Empty));
        if (file is { })
        {
            (whole ? (nn.Module)network : network.Trunk).LoadWeights(file);
        }

        Networks = new Dictionary<string, nn.Module> { ["landmarks"] = network.Trunk, ["dense"] = network.Above };
    }

    /// <summary><c>landmarks</c>: the landmark stage's network; <c>dense</c>: what stands on it.</summary>
    public IReadOnlyDictionary<string, nn.Module> Networks { get; }

    public FaceTemplate Template => model.Template;

    /// <summary>As the landmark stage's.</summary>
    public double LearningRate => 1e-3;

    public IReadOnlyList<string> Takes { get; } = ["image"];

    public IReadOnlyList<string> Makes { get; } = ["dense", "dense_log_error", "dense_spread"];

    public LearningItem Prepare(DatasetSample sample)
    {
        if (sample is not { Photograph: { } picture, Mesh: { } mesh, Camera: { } camera })
        {
            throw new MoSarException("dense-no-truth", $"'{sample.Id}' lacks a photograph, a mesh or a camera.", "Dense landmarks are learned from rendered subjects: of a light stage take views: wild.");
        }

        return new LearningItem(new Dictionary<string, LearningArray>
        {
            ["image"] = LearningArray.Of(picture),
            ["target.dense"] = new(DensePoints.Project(points, mesh.Positions, camera, picture.Width), points.Length, 3),
        });
    }

    public IReadOnlyDictionary<string, Tensor> Forward(TrainingBatch batch)
    {
        var found = network.call(CropInput.Encoded(batch["image"]));
        found.Coarse.Dispose();
        return new Dictionary<string, Tensor> { ["dense"] = found.Points, ["dense_log_error"] = found.LogError, ["dense_spread"] = found.Spread };
    }

    /// <summary>
    /// Mean distances in the picture and in depth, percent of the crop's side, and by how many times the doubts are larger (above 1: too modest): <c>place_percent</c>,
    /// <c>depth_percent</c>, <c>doubt_ratio</c>.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> Measure(TrainingBatch batch, IReadOnlyDictionary<string, Tensor> estimates)
    {
        if (batch.Find("target.dense") is not { } truth)
        {
            return new Dictionary<string, Tensor>();
        }

        var difference = estimates["dense"] - truth;
        var place = difference.narrow(2, 0, 2).square().sum(2).sqrt().mean([1]);
        return new Dictionary<string, Tensor>
        {
            ["place_percent"] = 100 * place,
            ["depth_percent"] = 100 * difference.select(2, 2).abs().mean([1]),
            ["doubt_ratio"] = estimates["dense_log_error"].select(2, 0).exp().mean([1]) / place,
        };
    }

    public Image? Show(TrainingBatch batch, IReadOnlyDictionary<string, Tensor> estimates) => ScenePicture.DrawPoints(batch["image"], estimates["dense"]);

    public void Save(string path, IReadOnlyDictionary<string, string> provenance) => network.SaveWeights(path, new Dictionary<string, string>(provenance)
    {
        ["template"] = model.Template.Id,
        ["points"] = points.Length.ToString(System.Globalization.CultureInfo.InvariantCulture),
    });

    public void Dispose() => network.Dispose();
}
