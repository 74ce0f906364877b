using MoSar.Faces;
using MoSar.Host.Composition;
using MoSar.Host.Data;
using MoSar.Host.Manifests;
using MoSar.Host.Runs;
using MoSar.Learning.Data;

namespace MoSar.Host.Evaluation;

/// <summary>The <c>evaluation:</c> of a manifest made real: photographs listed, every row's stages and the evaluators constructed. Owns all of it.</summary>
public sealed class ComposedEvaluation : IDisposable
{
    private readonly ComposedData data;
    private readonly IReadOnlyDictionary<string, object> made;
    private readonly Fingerprint fingerprint = new();

    private ComposedEvaluation(ComposedData data)
    {
        this.data = data;
        Photographs = Chosen(data.Dataset, Choice.Options);

        // Rows that differ in their geometry alone share one detector: its work is done once.
        var stages = Choice.Variants.SelectMany(v => v.Stages).GroupBy(fingerprint.Choice).ToDictionary(g => g.Key, g => g.First());
        made = new StageFactory().Make([.. stages.Select(s => s.Value with { Path = s.Key }), .. Choice.Evaluators]);
        try
        {
            Model = FaceModel.Load(Choice.Options.Model);
            Evaluators = [.. Choice.Evaluators.Select(e => new NamedEvaluator(e.Path[(Slot.Evaluators.Name.Length + 1)..], (IEvaluator)made[e.Path], fingerprint.Stage(e, made[e.Path])))];
            Rows = [.. Choice.Variants.Select(Row), MeanFace(), new EvaluationRow("ground-truth", "ground truth", RowKind.GroundTruth, "truth/1", null, [])];
            RefuseReserved();
        }
        catch
        {
            Free();
            throw;
        }
    }

    public ComposedData Data => data;

    public ResolvedManifest Manifest => data.Manifest;

    public EvaluationChoice Choice => data.Manifest.Evaluation!;

    public FaceModel Model { get; }

    public IReadOnlyList<DatasetEntry> Photographs { get; }

    public IReadOnlyList<NamedEvaluator> Evaluators { get; }

    /// <summary>The variants in the manifest's order, then the mean face and the ground truth.</summary>
    public IReadOnlyList<EvaluationRow> Rows { get; }

    /// <param name="tree">The merged manifest; needs <c>data:</c> and <c>evaluation:</c>.</param>
    /// <exception cref="ManifestException">All that is wrong with it, missing and broken weights included; nothing was decoded or written.</exception>
    /// <exception cref="MoSarException">There is nobody in the share of the subjects to measure on.</exception>
    public static ComposedEvaluation Compose(ManifestTree tree, IReadOnlyList<string> pluginFolders)
    {
        if (tree.Root["evaluation"] is null)
        {
            throw new ManifestException(new ManifestProblem(
                "manifest-key-missing", tree.Root.Location, "this manifest has no 'evaluation'", "'evaluation:' with 'evaluators' and 'variants'", ["manifests/ablations/table1.yaml is one that has"]));
        }

        var data = ComposedData.Compose(tree, pluginFolders);
        try
        {
            return new ComposedEvaluation(data);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>Fingerprint of all that a photograph's figures depend on beside row and evaluator.</summary>
    internal string PhotographKey(DatasetEntry entry) => Fingerprint.Of([entry.Source.Recipe, entry.Item.Id, entry.Item.Subject, entry.Item.Labels, .. entry.Item.Files.Select(f => fingerprint.File(f).Sha256)]);

    public void Dispose()
    {
        Free();
        data.Dispose();
    }

    private static IReadOnlyList<DatasetEntry> Chosen(Dataset dataset, EvaluationOptions options)
    {
        var subjects = dataset.Entries(options.Split, [.. options.Sources]).GroupBy(e => (e.Source.Name, e.Item.Subject)).Select(g => g.ToArray()).ToArray();
        return [.. DataExamination.Spread(subjects.Length, options.Subjects).SelectMany(s => DataExamination.Spread(subjects[s].Length, options.Photographs).Select(i => subjects[s][i]))];
    }

    private EvaluationRow Row(VariantChoice variant)
    {
        ComposedStage<T> Stage<T>(StageChoice choice)
            where T : class => new(choice, (T)made[fingerprint.Choice(choice)]);

        var keys = variant.Stages.Select(s => fingerprint.Stage(s, made[fingerprint.Choice(s)])).ToArray();
        var seed = $"{Manifest.Header.Seed}";
        return new EvaluationRow(
            variant.Name,
            variant.Label,
            RowKind.Variant,
            Fingerprint.Of([seed, .. keys]),
            new RowStages(Stage<IFaceDetector>(variant.Stages[0]), Stage<ILandmarkDetector>(variant.Stages[1]), Stage<IGeometryEstimator>(variant.Stages[2]), Fingerprint.Of(seed, keys[0], keys[1])),
            [.. variant.Stages.SelectMany(s => OptionsBinder.Files(s.Options).Where(f => File.Exists(f.Path)).Select(f => new WeightRecord(s.Path, f.Key, fingerprint.File(f.Path))))]);
    }

    private EvaluationRow MeanFace()
    {
        var file = fingerprint.File(Choice.Options.Model);
        return new EvaluationRow("mean-face", "mean face, true camera", RowKind.MeanFace, Fingerprint.Of("mean/1", file.Sha256), null, [new WeightRecord("evaluation", "model", file)]);
    }

    private void RefuseReserved()
    {
        if (Choice.Variants.FirstOrDefault(v => Rows.Any(r => r.Kind != RowKind.Variant && r.Name == v.Name)) is { } taken)
        {
            throw new ManifestException(new ManifestProblem("manifest-range", taken.Node.Location, $"a variant cannot be called '{taken.Name}'", "another name", ["every table has a row of that name already"]));
        }
    }

    private void Free()
    {
        foreach (var stage in made.Values.OfType<IDisposable>())
        {
            stage.Dispose();
        }
    }
}
