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

    /// <summary>Semi-supervised, 3.1: labels are compared where there are some, landmarks everywhere.</summary>
    [Fact]
    public void UnlabelledRowsOfAMixedBatchAreNoPartOfASupervisedLoss()
    {
        using var scope = NewDisposeScope();
        using var learner = Knowing();
        var sample = Sample(learner);
        var moved = sample with { Mesh = sample.Mesh! with { Positions = [.. sample.Mesh.Positions.Select(p => p + new Vector3(3, 0, 4))] } };
        var photograph = new DatasetSample { Id = "p", Subject = "p", Photograph = sample.Photograph, Landmarks = new SampleLandmarks([.. sample.Landmarks!.Points.Select(p => p + new Vector2(2, 0))], sample.Landmarks.Visible) };
        BatchPart Part(string source, DatasetSample of) => new(source, ["a", "b"], learner.Prepare(of).Arrays.ToDictionary(a => a.Key, a => Twice(a.Value)));
        IReadOnlyDictionary<string, double> Losses(params string[] sources)
        {
            using var trainer = new Trainer(
                learner, [new("supervised", new MeanDistance(), 1, sources), new("landmarks", new LandmarkTerm(learner.Template), 1, [])], new TrainingRecipe { Average = 0 }, 1, 1);
            return trainer.Step(1, new TrainingBatch([Part("stage", moved), Part("photographs", photograph)])).Losses.ToDictionary();
        }

        var losses = Losses("stage");
        Assert.Equal(5, losses["supervised"], 2);

        // The renders' landmarks are right, the photographs' 2 pixels off, but for a jaw that follows the contour.
        Assert.InRange(losses["landmarks"], 0.5, 2.5);
        var e = Assert.Throws<MoSarException>(() => Losses());
        Assert.Equal("training-array-missing", e.Code);
        Assert.Contains("The source 'photographs' gives no 'target.vertices'", e.Message, StringComparison.Ordinal);
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

    /// <summary>An encoder on dense landmarks says where they are, is compared with the mesh's, and its weights know the side of its crops.</summary>
    [Fact]
    public void DenseLandmarksAreSeenAndFitted()
    {
        const int Large = 192;
        using var scope = NewDisposeScope();
        random.manual_seed(6);
        using var learner = new SceneLearner(new SceneLearnerOptions { Model = ModelFile, Encoder = SceneBackbone.Landmarks });
        Assert.Equal(["dense", "encoder", "landmarks", "shape"], learner.Networks.Keys.Order());
        var sample = Sample(learner, Large);
        var item = learner.Prepare(sample);
        Assert.Equal([256, 3], item.Arrays["target.dense"].Shape);
        var batch = new TrainingBatch([new BatchPart("stage", ["a", "b"], item.Arrays.ToDictionary(a => a.Key, a => Twice(a.Value)))]);
        var estimates = learner.Forward(batch);
        Assert.Equal(learner.Makes.Order(), estimates.Keys.Order());

        // The truth's points project where the truth's vertices do.
        var first = DensePoints.Of(learner.Template, FaceModel.Load(ModelFile).Mean)[0];
        var expected = sample.Camera!.Project(sample.Mesh!.Positions[first]) / Large;
        Assert.Equal(expected.X, item.Arrays["target.dense"].Values[0], 1e-5);
        Assert.Equal(expected.Y, item.Arrays["target.dense"].Values[1], 1e-5);

        var path = Path.Combine(Directory.CreateTempSubdirectory("mosar-scene-").FullName, "w.safetensors");
        learner.Save(path, new Dictionary<string, string>());
        Assert.Equal(("192", "landmarks"), (SafetensorsFile.Read(path).Metadata["side"], SafetensorsFile.Read(path).Metadata["encoder"]));
        using var stage = new SceneEstimator(new SceneOptions { Model = ModelFile, Weights = path, Refinement = 2 });
        var points = learner.Template.LandmarksOn(sample.Mesh.Positions).Select(p => new Vector2(100 + p.X, 100 - p.Y)).ToArray();
        var made = stage.Run(new GeometryInput(new Photograph("grey", "grey.png", new Image(200, 200, 3), null, string.Empty), FaceCrops.FromLandmarks(points), new Landmarks(points, new float[68])), StageContext.None);
        Assert.All(made.Mesh.Positions, p => Assert.True(float.IsFinite(p.X + p.Y + p.Z)));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void DenseLandmarksHaveALearnerOfTheirOwn()
    {
        using var scope = NewDisposeScope();
        using var learner = new DenseLandmarkLearner(new DenseLandmarkOptions { Model = ModelFile });
        var item = learner.Prepare(Sample(learner, Side));
        var batch = new TrainingBatch([new BatchPart("stage", ["a", "b"], item.Arrays.ToDictionary(a => a.Key, a => Twice(a.Value)))]);
        using var frozen = no_grad();
        var estimates = new Dictionary<string, Tensor>(learner.Forward(batch));
        Assert.Equal(learner.Makes.Order(), estimates.Keys.Order());

        // Two percent to the right of the truth, one too near.
        estimates["dense"] = batch["target.dense"] + tensor(new[] { 0.02f, 0, 0.01f });
        estimates["dense_log_error"] = full([2, 256, 2], Math.Log(0.04), float32);
        var measures = learner.Measure(batch, estimates).ToDictionary(m => m.Key, m => m.Value.mean().item<float>());
        Assert.Equal(2, measures["place_percent"], 1e-3);
        Assert.Equal(1, measures["depth_percent"], 1e-3);
        Assert.Equal(2, measures["doubt_ratio"], 1e-3);
        var picture = learner.Show(batch, estimates)!;
        Assert.Equal((4 * Side, 2 * Side), (picture.Width, picture.Height));
        Assert.Equal("dense-no-truth", Assert.Throws<MoSarException>(() => learner.Prepare(new DatasetSample { Id = "x", Subject = "x", Photograph = new Image(Side, Side, 3) })).Code);

        // What it saves it begins with, and so does an encoder that stands on it.
        var path = Path.Combine(Directory.CreateTempSubdirectory("mosar-scene-").FullName, "w.safetensors");
        learner.Save(path, new Dictionary<string, string>());
        using var again = new DenseLandmarkLearner(new DenseLandmarkOptions { Model = ModelFile, Backbone = path });
        Assert.True(again.Forward(batch)["dense"].allclose(learner.Forward(batch)["dense"]));
        using var scene = new SceneLearner(new SceneLearnerOptions { Model = ModelFile, Encoder = SceneBackbone.Landmarks, Backbone = path });
        var whole = new TrainingBatch([new BatchPart("stage", ["a", "b"], scene.Prepare(Sample(scene)).Arrays.ToDictionary(a => a.Key, a => Twice(a.Value)))]);
        Assert.True(scene.Networks["dense"].parameters().Count() > 0 && scene.Forward(whole).ContainsKey("dense"));
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

        // Another training may begin with what this one made.
        using (var next = new SceneLearner(new SceneLearnerOptions { Model = ModelFile, Shape = At("w.safetensors") }))
        {
            var (before, after) = (learner.Networks["shape"].state_dict(), next.Networks["shape"].state_dict());
            Assert.All(before, t => Assert.True((t.Value - after[t.Key]).abs().max().item<float>() < 2e-3f, t.Key));
        }

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
    private static DatasetSample Sample(ILearner learner, int side = Side)
    {
        var model = FaceModel.Load(ModelFile);
        using var scope = NewDisposeScope();
        using var linear = SceneNetwork.LinearOf(model);
        using var decoder = new SceneDecoder(model, linear);
        var camera = decoder.Decode(zeros(1, decoder.Length), tensor([side / 2f, side / 2f], [1, 2]), side).Chi.Camera.Pinhole(0);
        var points = model.Template.LandmarksOn(model.Mean).Select(camera.Project).ToArray();
        return new DatasetSample
        {
            Id = "a",
            Subject = "a",
            Photograph = new Image(side, side, 3),
            Camera = camera,
            Mesh = new Mesh(learner.Template!, model.Mean),
            Landmarks = new SampleLandmarks(points, [.. points.Select(_ => true)]),
        };
    }

    private static Tensor Twice(LearningArray array) => tensor([.. array.Values, .. array.Values], [2, .. array.Shape]);

    private sealed class MeanDistance : ILossTerm
    {
        public IReadOnlyList<string> Needs => ["vertices", "target.vertices"];

        public Tensor Evaluate(LossInput input) => (input.Values["vertices"] - input.Values["target.vertices"]).square().sum(2).sqrt().mean();
    }

    private sealed class LandmarkTerm(FaceTemplate template) : ILossTerm
    {
        private readonly LandmarkLoss loss = new(template);

        public IReadOnlyList<string> Needs => ["projected", "target.landmarks", "target.landmark_weights"];

        public Tensor Evaluate(LossInput input) => loss.Of(input.Values["projected"], input.Values["target.landmarks"], input.Values["target.landmark_weights"]);
    }
}
