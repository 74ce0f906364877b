using System.Numerics;
using MoSar.Faces;
using MoSar.Learning;
using MoSar.Learning.Networks;
using MoSar.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene.Tests;

[ChecksTensorLeaks]
public sealed class SceneLearnerTests
{
    private const int Side = CropInput.Side;

    private static readonly string ModelFile = Repository.Folder("samples", "models", "face.safetensors");

    [Fact]
    public void ItMakesWhatItSaysAndItsMeasuresAreZeroForTheTruth()
    {
        using var scope = NewDisposeScope();
        using var learner = Knowing();
        var item = learner.Prepare(Sample(learner));
        var batch = new TrainingBatch([new BatchPart("stage", ["a", "b"], item.Arrays.ToDictionary(a => a.Key, a => Twice(a.Value)))]);
        using var frozen = no_grad();
        var estimates = learner.Forward(batch);
        Assert.Equal(learner.Makes.Order(), estimates.Keys.Order());
        Assert.All(estimates, e => Assert.Equal(2, e.Value.shape[0]));
        Assert.All(learner.Takes, t => Assert.True(item.Arrays.ContainsKey(t)));
        Assert.Equal(17, item.Arrays["target.landmark_weights"].Values.Count(w => w == 0));

        // The sample is the mean head where an encoder that knows nothing puts it.
        var measures = learner.Measure(batch, estimates).ToDictionary(m => m.Key, m => m.Value.max().item<float>());
        Assert.Equal(["aligned_mm", "centred_mm", "face_mm", "landmarks_percent"], measures.Keys.Order());
        Assert.True(measures["face_mm"] < 1e-3f && measures["landmarks_percent"] < 0.05f, string.Join(", ", measures));
        var picture = learner.Show(batch, estimates)!;
        Assert.Equal((2 * Side, 2 * Side), (picture.Width, picture.Height));
    }

    [Fact]
    public void TheMeasuresSayHowFarItIsOff()
    {
        using var scope = NewDisposeScope();
        using var learner = Knowing();
        var sample = Sample(learner);
        var moved = sample with { Mesh = sample.Mesh! with { Positions = [.. sample.Mesh.Positions.Select(p => p + new Vector3(3, 0, 4))] } };
        var larger = sample with { Mesh = sample.Mesh! with { Positions = [.. sample.Mesh.Positions.Select(p => (1.1f * p) + new Vector3(3, 0, 4))] } };
        var batch = new TrainingBatch([new BatchPart("stage", ["a", "b"], learner.Prepare(moved).Arrays.ToDictionary(a => a.Key, a => Twice(a.Value)))]);
        using var frozen = no_grad();
        var measures = learner.Measure(batch, learner.Forward(batch));
        Assert.Equal(5, measures["face_mm"].max().item<float>(), 2);
        Assert.True(measures["centred_mm"].max().item<float>() < 1e-2f);
        var grown = new TrainingBatch([new BatchPart("stage", ["a", "b"], learner.Prepare(larger).Arrays.ToDictionary(a => a.Key, a => Twice(a.Value)))]);
        measures = learner.Measure(grown, learner.Forward(grown));
        Assert.True(measures["centred_mm"].min().item<float>() > 3 && measures["aligned_mm"].max().item<float>() < 1e-2f);
    }

    [Fact]
    public void PhotographsWithoutLabelsArePreparedWithoutTruth()
    {
        using var learner = Knowing();
        var item = learner.Prepare(new DatasetSample { Id = "x", Subject = "x", Photograph = new Image(Side, Side, 3) });
        Assert.Equal(["image", "principal"], item.Arrays.Keys.Order());
        Assert.Equal("scene-no-picture", Assert.Throws<MoSarException>(() => learner.Prepare(new DatasetSample { Id = "x", Subject = "x" })).Code);
    }

    [Fact]
    public void WhatItSavesIsWhatTheStageReads()
    {
        using var scope = NewDisposeScope();
        using var learner = new SceneLearner(new SceneLearnerOptions { Model = ModelFile });
        var path = Path.Combine(Directory.CreateTempSubdirectory("mosar-scene-").FullName, "w.safetensors");
        learner.Save(path, new Dictionary<string, string> { ["steps"] = "0" });
        using var stage = new SceneEstimator(new SceneOptions { Model = ModelFile, Weights = path });
        Assert.Equal("linear", SafetensorsFile.Read(path).Metadata["shape"]);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void AGraphNetworkLearnsAlongAndIsInTheWeights()
    {
        using var scope = NewDisposeScope();
        var folder = Directory.CreateTempSubdirectory("mosar-scene-").FullName;
        string At(string name) => Path.Combine(folder, name);
        var model = FaceModel.Load(ModelFile);
        random.manual_seed(5);
        using (var decoder = new PartDecoder(model.RequireLevels().Levels, new PartGnnOptions { Latents = [1, 1, 1, 1, 1, 1, 1, 2] }))
        {
            decoder.Save(At("shape.safetensors"), new Dictionary<string, string> { ["template"] = model.Template.Id });
        }

        using var learner = new SceneLearner(new SceneLearnerOptions { Model = ModelFile, Shape = At("shape.safetensors") });
        Assert.Equal(["encoder", "shape"], learner.Networks.Keys.Order());
        learner.Save(At("w.safetensors"), new Dictionary<string, string>());
        var metadata = SafetensorsFile.Read(At("w.safetensors")).Metadata;
        Assert.Equal(("part-gnn", "1,1,1,1,1,1,1,2"), (metadata["shape"], metadata["latents"]));
        using var stage = new SceneEstimator(new SceneOptions { Model = ModelFile, Weights = At("w.safetensors"), Refinement = 0 });

        // What a head the stage makes is what the learner's network makes.
        Vector2[] points = [.. model.Template.LandmarksOn(model.Mean).Select(p => new Vector2(p.X, -p.Y))];
        var input = new GeometryInput(new Photograph("grey", "grey.png", new Image(64, 64, 3), null, string.Empty), FaceCrops.FromLandmarks(points), new Landmarks(points, new float[68]));
        var made = stage.Run(input, StageContext.None);
        Assert.Equal(9, made.Identity.Length);
        using var frozen = no_grad();
        var own = ((ShapeDecoder)learner.Networks["shape"]).call(tensor(made.Identity.ToArray(), [1, 9])).data<float>().ToArray();
        Assert.All(Enumerable.Range(0, model.Mean.Length), v => Assert.True(Vector3.Distance(made.Neutral.Positions[v], new Vector3(own.AsSpan(3 * v))) < 0.02f));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void AShapeOfAnotherTemplateOrNoneIsRefused()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("mosar-scene-").FullName, "shape.safetensors");
        foreach (var (template, word) in new[] { ("another", "was trained on the template another"), (FaceModel.Load(ModelFile).Template.Id, "does not say how it makes a head") })
        {
            var writer = new SafetensorsWriter().Add("x", new[] { 1f }, 1);
            writer.Metadata["template"] = template;
            writer.Save(path);
            var e = Assert.Throws<MoSarException>(() => new SceneLearner(new SceneLearnerOptions { Model = ModelFile, Shape = path }));
            Assert.Equal("weights-mismatch", e.Code);
            Assert.Contains(word, e.Message, StringComparison.Ordinal);
        }

        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    /// <summary>One whose encoder says 0 to everything, which is the truth of <see cref="Sample"/>.</summary>
    private static SceneLearner Knowing()
    {
        var learner = new SceneLearner(new SceneLearnerOptions { Model = ModelFile });
        using var frozen = no_grad();
        foreach (var p in learner.Networks["encoder"].parameters())
        {
            p.zero_();
        }

        return learner;
    }

    /// <summary>The mean head as the decoder's zeros have it, with a grey picture.</summary>
    private static DatasetSample Sample(SceneLearner learner)
    {
        var model = FaceModel.Load(ModelFile);
        using var scope = NewDisposeScope();
        using var linear = SceneNetwork.LinearOf(model);
        using var decoder = new SceneDecoder(model, linear);
        var camera = decoder.Decode(zeros(1, decoder.Length), tensor([64f, 64], [1, 2]), Side).Chi.Camera.Pinhole(0);
        var points = model.Template.LandmarksOn(model.Mean).Select(camera.Project).ToArray();
        return new DatasetSample
        {
            Id = "a",
            Subject = "a",
            Photograph = new Image(Side, Side, 3),
            Camera = camera,
            Mesh = new Mesh(learner.Template, model.Mean),
            Landmarks = new SampleLandmarks(points, [.. points.Select(_ => true)]),
        };
    }

    private static Tensor Twice(LearningArray array) => tensor([.. array.Values, .. array.Values], [2, .. array.Shape]);
}
