using MoSar.Learning.Data;
using MoSar.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests.Training;

public sealed class BatchStreamTests
{
    [Theory]
    [InlineData(32, "a:1 b:1", "a:16 b:16")]
    [InlineData(8, "a:3 b:1", "a:6 b:2")]
    [InlineData(10, "a:1 b:1 c:1", "a:4 b:3 c:3")]
    [InlineData(7, "a:0.5 b:0.25 c:0.25", "a:3 b:2 c:2")]
    [InlineData(4, "a:1 b:0", "a:4")]
    public void SharesBecomeWholeRows(int batch, string mix, string rows) =>
        Assert.Equal(rows, string.Join(' ', BatchStream.Rows(Parse(mix), batch).Select(r => $"{r.Name}:{r.Rows}")));

    [Theory]
    [InlineData(4, "a:100 b:1")]
    [InlineData(4, "a:0 b:0")]
    [InlineData(4, "a:-1 b:2")]
    public void SharesThatCannotBeRowsAreRefused(int batch, string mix) =>
        Assert.Equal("training-mix", Assert.Throws<MoSarException>(() => BatchStream.Rows(Parse(mix), batch)).Code);

    [Fact]
    public void EveryBatchHasEachSourcesRowsAndGoesOnAnywhere()
    {
        using var scope = NewDisposeScope();
        var whole = new List<string>();
        var places = new List<IReadOnlyDictionary<string, DataPosition>>();
        using (var stream = Stream(new Dictionary<string, DataPosition>()))
        {
            for (var i = 0; i < 9; i++)
            {
                places.Add(new Dictionary<string, DataPosition>(stream.Positions));
                whole.Add(Shown(stream.Next()));
            }
        }

        Assert.All(whole, b => Assert.Equal("xxxyy", string.Concat(b.Split(' ').Select(id => id[0]))));
        for (var i = 0; i < 9; i++)
        {
            using var stream = Stream(places[i]);
            Assert.Equal(whole[i], Shown(stream.Next()));
        }

        // 9 batches of 3 go through 5 items five times and begin a sixth: everyone is seen five or six times.
        var seen = whole.SelectMany(b => b.Split(' ')).Where(id => id[0] == 'x').CountBy(id => id).ToDictionary();
        Assert.Equal(5, seen.Count);
        Assert.All(seen.Values, n => Assert.InRange(n, 5, 6));
    }

    [Fact]
    public void RowsOfSomeSourcesKeepTheirEstimatesAndGradients()
    {
        using var scope = NewDisposeScope();
        var a = new BatchPart("a", ["1", "2"], new Dictionary<string, Tensor> { ["image"] = zeros(2, 1), ["target"] = ones(2, 1) });
        var b = new BatchPart("b", ["3"], new Dictionary<string, Tensor> { ["image"] = zeros(1, 1) });
        var c = new BatchPart("c", ["4"], new Dictionary<string, Tensor> { ["image"] = ones(1, 1), ["target"] = zeros(1, 1) });
        var batch = new TrainingBatch([a, b, c]);
        var estimate = arange(4, ScalarType.Float32).reshape(4, 1).requires_grad_();
        Assert.Equal([4, 1], batch["image"].shape);
        Assert.Null(batch.Find("target"));
        Assert.Contains("'b' gives no 'target'", Assert.Throws<MoSarException>(() => batch["target"]).Message);

        var (part, estimates) = batch.Only(["c", "a"], new Dictionary<string, Tensor> { ["value"] = estimate });
        Assert.Equal([1f, 1f, 0f], part["target"].data<float>().ToArray());
        Assert.Equal([0f, 1f, 3f], estimates["value"].data<float>().ToArray());
        estimates["value"].sum().backward();
        Assert.Equal([1f, 1f, 0f, 1f], estimate.grad!.data<float>().ToArray());
    }

    private static (string, double)[] Parse(string mix) =>
        [.. mix.Split(' ').Select(m => m.Split(':')).Select(m => (m[0], double.Parse(m[1], System.Globalization.CultureInfo.InvariantCulture)))];

    private static string Shown(TrainingBatch batch) => string.Join(' ', batch.Parts.SelectMany(p => p.Items.Select(i => p.Source + i)));

    private static BatchStream Stream(IReadOnlyDictionary<string, DataPosition> from)
    {
        var options = new DataOptions { Resolution = 16, Split = new SplitOptions { Validation = 0, Test = 0 }, Loader = new LoaderOptions { Threads = 2, Queue = 3 } };
        var data = new Dataset([new NamedSource("x", new Numbers(5)), new NamedSource("y", new Numbers(4))], options);
        MixedSource Mixed(string name, int rows) => new(name, data.Loader(DatasetSplit.Train, 1, null, name), rows);
        return new BatchStream([Mixed("x", 3), Mixed("y", 2)], s => new LearningItem(new Dictionary<string, LearningArray> { ["n"] = new([1f], 1) }), true, from, CancellationToken.None);
    }

    private sealed class Numbers(int count) : IDatasetSource
    {
        public IReadOnlyList<DatasetItem> Items { get; } = [.. Enumerable.Range(0, count).Select(i => new DatasetItem($"{i}", $"{i}", []))];

        public DatasetSample Load(int index, CancellationToken cancellation) => new() { Id = Items[index].Id, Subject = Items[index].Subject };
    }
}
