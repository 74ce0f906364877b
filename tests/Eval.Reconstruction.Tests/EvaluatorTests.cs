using System.Numerics;
using MoSar.Faces;
using MoSar.Faces.Evaluation;
using MoSar.Learning;
using MoSar.Testing;

namespace MoSar.Plugins.Evaluation.Tests;

public sealed class EvaluatorTests
{
    private static readonly string ModelPath = Repository.Folder("samples", "models", "face.safetensors");
    private static readonly FaceModel Model = FaceModel.Load(ModelPath);
    private static readonly PinholeCamera Camera = new(600, 600, 128, 128, [1, 0, 0, 0, 1, 0, 0, 0, 1], new Vector3(0, 0, -900));

    [Fact]
    public void TheTruthIsNought()
    {
        var truth = Truth(1, 0.7f);
        foreach (var evaluator in new IEvaluator[] { Realy(RealyShape.Posed), Realy(RealyShape.Neutral), new LandmarkEvaluator() })
        {
            var values = evaluator.Run(new EvaluationInput(truth, Estimate(truth.Mesh!, truth.Neutral()!)), StageContext.None);
            Assert.Equal(evaluator.Columns.Count, values.Count);
            Assert.All(values, v => Assert.InRange(v, 0, 1e-4));
            Assert.Single(evaluator.Columns, c => c.IsMain);
        }
    }

    [Fact]
    public void FiguresAreThoseOfTheProtocol()
    {
        var (truth, mean) = (Truth(1, 0), new Mesh(Model.Template, Array.ConvertAll(Model.Mean, p => p * 1.05f)));
        var heads = new RealyHeads(Model);
        var expected = RealyProtocol.Measure(heads.Subject("x", truth.Mesh!.Positions), heads.Topology, mean.Positions, isMillimetres: true);
        var values = Realy(RealyShape.Posed).Run(new EvaluationInput(truth, Estimate(mean, mean)), StageContext.None);
        var p = expected.Protocol;
        Assert.Equal([p.Nose, p.Mouth, p.Forehead, p.Cheek, p.All, expected.OneRigid.All, expected.ScaleError!.Value], values);
        Assert.InRange(values[6], 1, 20);
        Assert.Equal([p.All], new RealyEvaluator(new RealyOptions { Model = ModelPath, AllOnly = true }).Run(new EvaluationInput(truth, Estimate(mean, mean)), StageContext.None));
    }

    /// <summary>A person whose shape is right and whose mouth is not: at rest nothing is wrong.</summary>
    [Fact]
    public void NeutralLooksAtThePersonAndPosedAtThePicture()
    {
        var truth = Truth(1, 0.8f);
        var estimate = Estimate(truth.Neutral()!, truth.Neutral()!);
        var posed = Realy(RealyShape.Posed).Run(new EvaluationInput(truth, estimate), StageContext.None);
        var neutral = Realy(RealyShape.Neutral).Run(new EvaluationInput(truth, estimate), StageContext.None);
        Assert.InRange(posed[1], 0.5, 20);
        Assert.All(neutral, v => Assert.InRange(v, 0, 1e-4));
    }

    [Fact]
    public void LandmarksAreMeasuredInEyeDistances()
    {
        var truth = Truth(1, 0);
        var estimate = Estimate(truth.Mesh!, truth.Mesh!);
        var points = estimate.ProjectedLandmarks;
        var unit = Vector2.Distance(points[36], points[45]);
        var moved = estimate with { ProjectedLandmarks = [.. points.Select((p, i) => i < 17 ? p + new Vector2(100) : p + new Vector2(0.03f * unit, 0))] };
        Assert.Equal(3, new LandmarkEvaluator().Run(new EvaluationInput(truth, moved), StageContext.None)[0], 1e-3);

        // Hand-placed points where there is no mesh.
        var placed = truth with { Mesh = null, Landmarks = new SampleLandmarks(points, [.. points.Select(_ => true)]) };
        Assert.Equal(3, new LandmarkEvaluator().Run(new EvaluationInput(placed, moved), StageContext.None)[0], 1e-3);
    }

    [Fact]
    public void WhatCannotBeMeasuredSaysWhy()
    {
        var truth = Truth(1, 0);
        var estimate = Estimate(truth.Mesh!, truth.Mesh!);
        Assert.Equal("evaluation-no-truth", Code(Realy(RealyShape.Posed), truth with { Mesh = null }, estimate));
        Assert.Equal("evaluation-no-truth", Code(new LandmarkEvaluator(), truth with { Mesh = null }, estimate));
        Assert.Equal("evaluation-landmarks", Code(new LandmarkEvaluator(), truth, estimate with { ProjectedLandmarks = [] }));
        var other = new Mesh(Model.Template with { Id = "other/1" }, Model.Mean);
        Assert.Equal("evaluation-template", Code(Realy(RealyShape.Posed), truth, estimate with { Mesh = other }));
        Assert.Equal("realy-vertices", Code(Realy(RealyShape.Posed), truth, estimate with { Mesh = new Mesh(Model.Template, Array.ConvertAll(Model.Mean, _ => new Vector3(float.NaN))) }));
    }

    private static string Code(IEvaluator evaluator, DatasetSample truth, Reconstruction estimate) =>
        Assert.Throws<MoSarException>(() => evaluator.Run(new EvaluationInput(truth, estimate), StageContext.None)).Code;

    private static RealyEvaluator Realy(RealyShape shape) => new(new RealyOptions { Model = ModelPath, Shape = shape });

    private static DatasetSample Truth(float identity, float jaw)
    {
        var expression = new float[Model.ExpressionCount];
        expression[Model.ExpressionIndex("jawOpen")] = jaw;
        return new DatasetSample
        {
            Id = "s0/wild_000",
            Subject = "s0",
            Mesh = new Mesh(Model.Template, Model.Positions([identity, -identity], expression)),
            Camera = Camera,
            Expression = new Dictionary<string, float> { ["jawOpen"] = jaw },
        };
    }

    private static Reconstruction Estimate(Mesh mesh, Mesh neutral) =>
        new([], [], [], ShLight.Uniform, Camera, mesh, neutral, [], new LandmarkLoss(mesh.Template).Project(mesh.Positions, Camera));
}
