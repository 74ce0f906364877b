using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Faces;
using MoSar.Faces.Retargeting;
using MoSar.Learning;
using MoSar.Learning.Networks;
using MoSar.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene;

/// <summary>
/// <c>learn.scene</c>: 𝓔 and 𝓕 of 3.1, or 𝓔 with a linear identity. Takes face crops (<c>data.crop: face</c>) of any even side; of labelled samples their mesh, camera and
/// landmarks are the truth. Makes what the losses of Eq. 1 to 3 need.
/// </summary>
public sealed class SceneLearner : ILearner
{
    /// <summary>The lower bound of what a truth may be compared over: the template's <c>face</c> weight.</summary>
    private const float FaceWeight = 0.5f;

    private const int Jaw = 17;

    private readonly SceneLearnerOptions options;
    private readonly FaceModel model;
    private readonly SceneDecoder decoder;
    private readonly SceneNetwork network;
    private readonly Tensor faceShare;
    private readonly LandmarkLoss landmarks;
    private int side = CropInput.Side;

    /// <exception cref="MoSarException">The face model is broken or has no albedo.</exception>
    public SceneLearner(SceneLearnerOptions options)
    {
        this.options = options;
        model = SceneDecoder.Load(options.Model);
        var backbone = options.Backbone is { } path ? SafetensorsFile.Read(path) : null;
        network = SceneNetwork.Begin(options.Encoder, backbone is { } ? SceneEncoder.SizeOf(backbone) : LandmarkSize.Small, options.Shape, model);
        decoder = new SceneDecoder(model, network.Shape);
        if (backbone is { })
        {
            network.Encoder.LoadBackbone(backbone);
        }

        Networks = new Dictionary<string, nn.Module>(network.Encoder.Pieces) { ["shape"] = network.Shape };
        Makes =
        [
            "vertices", "neutral", "normals", "colours", "projected", "visible", "identity", "expression", "albedo", "light",
            .. network.Points.Count > 0 ? new[] { "dense", "dense_log_error", "dense_spread" } : [],
        ];
        landmarks = new LandmarkLoss(model.Template);
        var face = model.Template.Regions["face"].Select(w => w >= FaceWeight ? 1f : 0f).ToArray();
        faceShare = tensor([.. face.Select(w => w / face.Sum())], [face.Length]).DetachFromDisposeScope();
    }

    /// <summary><c>encoder</c>; <c>landmarks</c>, the network that an encoder of that kind stands on; <c>shape</c>, 𝓕 or the components, which have nothing to learn.</summary>
    public IReadOnlyDictionary<string, nn.Module> Networks { get; }

    public FaceTemplate Template => model.Template;

    /// <summary>Supplementary, section 1.</summary>
    public double LearningRate => 5e-5;

    public IReadOnlyList<string> Takes { get; } = ["image", "principal"];

    public IReadOnlyList<string> Makes { get; }

    public LearningItem Prepare(DatasetSample sample)
    {
        if (sample.Photograph is not { } picture)
        {
            throw new MoSarException("scene-no-picture", $"'{sample.Id}' has no photograph to learn a scene from.", "Leave its source out of training.mix; of a light stage take views: wild.");
        }

        var side = picture.Width;
        var arrays = new Dictionary<string, LearningArray>
        {
            ["image"] = LearningArray.Of(picture),

            // A crop of a photograph of unknown camera: its middle, which is wrong by as much as the face was off the picture's.
            ["principal"] = sample.Camera is { } c ? new([(float)c.Cx, (float)c.Cy], 2) : new([side / 2f, side / 2f], 2),
        };
        if (sample.Landmarks?.Points is { } points)
        {
            arrays["target.landmarks"] = new([.. points.SelectMany(p => new[] { p.X, p.Y })], points.Count, 2);

            // Hidden points of renders are known as well as seen ones; but their jaw is the frontal one, and the loss means the visible contour, 5 pixels
            // away in crops of 128². The mesh, which such samples have, says more about the jaw than its contour does.
            arrays["target.landmark_weights"] = new([.. points.Select((_, i) => i < Jaw && sample.Mesh is not null ? 0f : 1f)], points.Count);
        }

        if (sample.Mesh is { } mesh)
        {
            arrays["target.vertices"] = new(MemoryMarshal.Cast<Vector3, float>(mesh.Positions.AsSpan()).ToArray(), mesh.Positions.Length, 3);
        }

        if (network.Points.Count > 0 && sample is { Mesh.Positions: { } positions, Camera: { } camera })
        {
            arrays["target.dense"] = new(DensePoints.Project([.. network.Points], positions, camera, side), network.Points.Count, 3);
        }

        if (sample.Mask is { } mask)
        {
            // Blue is visible skin.
            arrays["target.mask"] = LearningArray.Of(mask, 2);
        }

        return new LearningItem(arrays);
    }

    public IReadOnlyDictionary<string, Tensor> Forward(TrainingBatch batch)
    {
        var image = batch["image"];
        side = (int)image.shape[3];
        var (numbers, found) = network.Look(image, batch["principal"], decoder);

        // Autocast is for the encoder: millimetres of a head want all digits.
        using var exact = Precision.Full();
        var scene = decoder.Decode(numbers, batch["principal"], side);
        var estimates = new Dictionary<string, Tensor>
        {
            ["vertices"] = scene.Vertices,
            ["neutral"] = scene.Neutral,
            ["normals"] = scene.Normals,
            ["colours"] = scene.Colours,
            ["projected"] = scene.Projected,
            ["visible"] = scene.Visible,
            ["identity"] = scene.Chi.Identity,
            ["expression"] = scene.Chi.Expression,
            ["albedo"] = scene.Chi.Albedo,
            ["light"] = scene.Chi.Light,
        };
        if (found is { })
        {
            (estimates["dense"], estimates["dense_log_error"], estimates["dense_spread"]) = (found.Points, found.LogError, found.Spread);
        }

        return estimates;
    }

    /// <summary>
    /// <c>face_mm</c>: mean distance of the face's vertices in the head's frame; <c>centred_mm</c>: after the mean shift is taken out, because a picture does
    /// not say where in the head its origin is; <c>aligned_mm</c>: after the best similarity, because it says little of its size and distance either; <c>landmarks_percent</c>: the points 17 to 67 against the distance of the outer corners of the eyes.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> Measure(TrainingBatch batch, IReadOnlyDictionary<string, Tensor> estimates)
    {
        var measures = new Dictionary<string, Tensor>();
        if (batch.Find("target.vertices") is { } truth)
        {
            var difference = estimates["vertices"] - truth;
            var weight = faceShare.reshape(1, -1, 1);
            var shift = (difference * weight).sum(1, keepdim: true);
            measures["face_mm"] = (difference.square().sum(2).sqrt() * faceShare).sum(1);
            measures["centred_mm"] = ((difference - shift).square().sum(2).sqrt() * faceShare).sum(1);
            measures["aligned_mm"] = tensor(Enumerable.Range(0, (int)truth.shape[0]).Select(i => Aligned(estimates["vertices"][i], truth[i])).ToArray());
        }

        if (batch.Find("target.landmarks") is { } points)
        {
            var inner = landmarks.Project(estimates["projected"]).narrow(1, 17, 51);
            var wanted = points.narrow(1, 17, 51);
            var span = (points.select(1, 36) - points.select(1, 45)).square().sum(1).sqrt();
            measures["landmarks_percent"] = 100 * (inner - wanted).square().sum(2).sqrt().mean([1]) / span;
        }

        return measures;
    }

    /// <returns>Mean distance of the face's vertices after the best similarity, mm; not a number where there is none.</returns>
    private float Aligned(Tensor estimate, Tensor truth)
    {
        static Vector3[] Points(Tensor t) => MemoryMarshal.Cast<float, Vector3>(t.contiguous().cpu().data<float>().ToArray()).ToArray();
        var (from, to, share) = (Points(estimate), Points(truth), faceShare.data<float>().ToArray());
        return Similarity.Fit(from, to, share) is { Transform: var transform } ? from.Select((p, v) => share[v] * Vector3.Distance(Vector3.Transform(p, transform), to[v])).Sum() : float.NaN;
    }

    public Image? Show(TrainingBatch batch, IReadOnlyDictionary<string, Tensor> estimates) => ScenePicture.Draw(batch["image"], estimates);

    public void Save(string path, IReadOnlyDictionary<string, string> provenance) => network.Save(path, model, side, provenance);

    public void Dispose()
    {
        network.Dispose();
        decoder.Dispose();
        faceShare.Dispose();
    }
}
