using System.Diagnostics;
using Microsoft.Extensions.Logging;
using MoSar.Host.Composition;
using MoSar.Host.Runs;
using MoSar.Learning;
using MoSar.Learning.Data;

namespace MoSar.Host.Evaluation;

/// <summary>One photograph while its rows are measured: decoded once, detected once for all rows that detect alike. For one thread.</summary>
internal sealed class PhotographWork(ComposedEvaluation composed, DatasetEntry entry, ILogger log, CancellationToken cancellation)
{
    private readonly Dictionary<string, (FaceCrop Crop, Landmarks Landmarks)> crops = [];
    private readonly StageRunner run = new(new InputPhotograph($"{entry}", PictureOf(entry.Item)), composed.Manifest.Header.Seed, new SilentObserver(), log, cancellation);
    private DatasetSample? sample;
    private Reconstruction? truth;

    public string Name { get; } = $"{entry}";

    public string Key { get; } = composed.PhotographKey(entry);

    public static string EstimateKey(EvaluationRow row, string photographKey) => Fingerprint.Of(row.Key, photographKey);

    public static string MeasureKey(string estimateKey, NamedEvaluator evaluator) => Fingerprint.Of(estimateKey, evaluator.Key);

    /// <param name="before">The row's result of an earlier process with the same estimate: what it measured is not measured again.</param>
    /// <exception cref="MoSarException">The data do not say what is measured against.</exception>
    public PhotographResult Measure(EvaluationRow row, PhotographResult? before)
    {
        var estimateKey = EstimateKey(row, Key);
        var start = Stopwatch.GetTimestamp();
        var result = new PhotographResult(row.Name, Name, entry.Item.Subject, estimateKey, null, null, null, 0, new Dictionary<string, Measured>());
        try
        {
            var labels = Sample();
            result = result with { SkinTone = labels.SkinTone, Yaw = Yaw(Truth().Camera) };
            var (estimate, seconds) = Estimate(row);
            var measures = new Dictionary<string, Measured>();
            foreach (var evaluator in composed.Evaluators)
            {
                var key = MeasureKey(estimateKey, evaluator);
                measures[evaluator.Name] = before?.Measures.GetValueOrDefault(evaluator.Name) is { } known && known.Key == key ? known : new Measured(key, Values(row, evaluator, new EvaluationInput(labels, estimate)));
            }

            return result with { Measures = measures, Seconds = seconds };
        }
        catch (StageException e) when (row.Kind == RowKind.Variant || e.Stage == CorruptItem)
        {
            return result with { Failure = e.ToRecord(), Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
        }
        catch (StageException e)
        {
            // Not even the truth can be measured: the data lack something, and no row would do better.
            throw (MoSarException)e.InnerException!;
        }
    }

    private const string CorruptItem = "data";

    private DatasetSample Sample()
    {
        if (sample is not null)
        {
            return sample;
        }

        try
        {
            return sample = entry.Source.Source.Load(entry.Index, cancellation);
        }
        catch (MoSarException e) when (composed.Data.Dataset.Options.SkipCorrupt)
        {
            throw new StageException(CorruptItem, e);
        }
    }

    private Reconstruction Truth()
    {
        if (truth is not null)
        {
            return truth;
        }

        var labels = Sample();
        if (labels is not { Mesh: { } mesh, Camera: { } camera, Photograph: not null })
        {
            throw new MoSarException(
                "evaluation-no-truth",
                $"'{Name}' has no {(labels.Photograph is null ? "photograph" : labels.Mesh is null ? "mesh" : "camera")}, so there is nothing to measure against.",
                "Take pictures with labels: data.lightstage with 'model:' and 'views: wild'.");
        }

        return mesh.Template.Id == composed.Model.Template.Id && mesh.Positions.Length == composed.Model.Mean.Length
            ? truth = Placed(mesh, labels.Neutral()!, camera)
            : throw new MoSarException(
                "evaluation-template", $"The meshes of '{Name}' have the template {mesh.Template.Id}; evaluation.model has {composed.Model.Template.Id}.", "Name the face model that the data were made with as evaluation.model.");
    }

    private (Reconstruction Estimate, double Seconds) Estimate(EvaluationRow row)
    {
        if (row.Stages is not { } stages)
        {
            var mean = new Mesh(composed.Model.Template, composed.Model.Mean);
            return (row.Kind == RowKind.GroundTruth ? Truth() : Placed(mesh: mean, neutral: mean, Truth().Camera), 0);
        }

        var photograph = new Photograph(Name, PictureOf(entry.Item), Sample().Photograph!, null, Key);
        if (!crops.TryGetValue(stages.CropKey, out var found))
        {
            var face = PipelineRunner.Choose(Call(stages.Detect, photograph), null, photograph);
            found = crops[stages.CropKey] = (face.Crop, Call(stages.Landmarks, new LandmarkInput(photograph, face.Crop)));
        }

        var start = Stopwatch.GetTimestamp();
        var estimate = Call(stages.Geometry, new GeometryInput(photograph, found.Crop, found.Landmarks));
        return (estimate, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>One call of a stage at a time: the contract does not promise more, and another photograph is measured meanwhile.</summary>
    private TOutput Call<TInput, TOutput, TRole>(ComposedStage<TRole> stage, TInput input)
        where TRole : class, IStage<TInput, TOutput>
    {
        lock (stage.Stage)
        {
            return run.Call(stage.Choice, stage.Stage, input);
        }
    }

    private IReadOnlyList<FaceDetection> Call(ComposedStage<IFaceDetector> stage, Photograph input) => Call<Photograph, IReadOnlyList<FaceDetection>, IFaceDetector>(stage, input);

    private Landmarks Call(ComposedStage<ILandmarkDetector> stage, LandmarkInput input) => Call<LandmarkInput, Landmarks, ILandmarkDetector>(stage, input);

    private Reconstruction Call(ComposedStage<IGeometryEstimator> stage, GeometryInput input) => Call<GeometryInput, Reconstruction, IGeometryEstimator>(stage, input);

    private IReadOnlyList<double> Values(EvaluationRow row, NamedEvaluator evaluator, EvaluationInput input)
    {
        var choice = composed.Choice.Evaluators.Single(c => c.Path == $"{Slot.Evaluators.Name}.{evaluator.Name}");
        var values = run.Call(choice, evaluator.Evaluator, input);
        return values.Count == evaluator.Evaluator.Columns.Count && values.All(double.IsFinite)
            ? values
            : throw new StageException(choice.Path, new MoSarException(
                "stage-contract",
                $"The evaluator '{choice.Registration.Id}' gave {(values.Count == evaluator.Evaluator.Columns.Count ? "figures that are not finite" : $"{values.Count} figures for {evaluator.Evaluator.Columns.Count} columns")} for {row.Label}.",
                "This is a fault of the stage's plugin; its author needs this message."));
    }

    private static Reconstruction Placed(Mesh mesh, Mesh neutral, PinholeCamera camera) => new(
        [], [], [], ShLight.Uniform, camera, mesh, neutral, [], new LandmarkLoss(mesh.Template).Project(mesh.Positions, camera));

    /// <summary>For messages: the file that is called as the item is, which is its picture in every layout so far.</summary>
    private static string PictureOf(DatasetItem item) =>
        item.Files.FirstOrDefault(f => Path.GetExtension(f) != ".json" && Path.GetFileNameWithoutExtension(f) == Path.GetFileName(item.Id)) ?? item.Id;

    private static double Yaw(PinholeCamera camera) => Math.Atan2(camera.Centre.X, camera.Centre.Z) * 180 / Math.PI;
}
