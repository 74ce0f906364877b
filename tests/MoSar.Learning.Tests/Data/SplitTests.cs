using MoSar.Learning.Data;

namespace MoSar.Learning.Tests.Data;

public sealed class SplitTests
{
    [Fact]
    public void SharesAreWhatTheManifestSays()
    {
        var options = new SplitOptions { Validation = 0.1, Test = 0.2 };
        var shares = Enumerable.Range(0, 20_000).Select(i => SubjectSplit.Of($"{i:D5}", options)).CountBy(s => s).ToDictionary();
        Assert.InRange(shares[DatasetSplit.Test], 3800, 4200);
        Assert.InRange(shares[DatasetSplit.Validation], 1850, 2150);
    }

    [Fact]
    public void ASplitNeverChangesBetweenVersions()
    {
        // Weights that people have trained stay honest only while these numbers stand.
        Assert.Equal(
            [DatasetSplit.Validation, DatasetSplit.Validation, DatasetSplit.Validation, DatasetSplit.Train, DatasetSplit.Train, DatasetSplit.Train, DatasetSplit.Train, DatasetSplit.Train],
            Enumerable.Range(0, 8).Select(i => SubjectSplit.Of($"s{i:D5}", new SplitOptions { Seed = 1, Validation = 0.25, Test = 0.25 })));
        Assert.Equal(0.25803111783944044, SubjectSplit.Fraction("s00000", 1), 1e-15);
    }

    [Fact]
    public void AShareThatGrowsKeepsItsPeople()
    {
        bool Tests(int i, double share) => SubjectSplit.Of($"{i}", new SplitOptions { Test = share, Validation = 0 }) == DatasetSplit.Test;
        Assert.All(Enumerable.Range(0, 2000).Where(i => Tests(i, 0.1)), i => Assert.True(Tests(i, 0.3)));
    }

    [Fact]
    public void AnotherSeedPutsOthersThere()
    {
        var both = Enumerable.Range(0, 10_000).Count(i => new[] { 1, 2 }.All(seed => SubjectSplit.Fraction($"{i}", seed) < 0.1));
        Assert.InRange(both, 60, 140);
    }

    [Fact]
    public void NamedSubjectsAreNeverTrainedOn()
    {
        var options = new SplitOptions { Test = 0, Validation = 0, TestSubjects = ["012", "london/*/014_*"] };
        Assert.Equal(
            [DatasetSplit.Test, DatasetSplit.Train, DatasetSplit.Test, DatasetSplit.Train],
            ((string[])["012", "0123", "london/neutral_front/014_03", "london/neutral_front/015_03"]).Select(s => SubjectSplit.Of(s, options)));
    }
}
