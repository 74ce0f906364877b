using System.Globalization;
using System.Numerics;
using MoSar.Learning;
using MoSar.Testing;

namespace MoSar.Tests.Learning;

public sealed class TemPointsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mosar-tem").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ReadsPointsAndIgnoresTheLinesThatJoinThem()
    {
        var points = TemPoints.Load(Write("3\r\n1 2\r\n3.5 -4\n5\t6\n2\n0\n2\n0 1"));

        Assert.Equal([new Vector2(1, 2), new Vector2(3.5f, -4), new Vector2(5, 6)], points.Points);
        Assert.False(points.IsStandard);
        Assert.Throws<InvalidOperationException>(() => points.ToMultiPie());
    }

    [Theory]
    [InlineData("", ":1: expected the number of points")]
    [InlineData("two\n1 2\n3 4", ":1: expected the number of points")]
    [InlineData("2\n1 2\n", ":3: expected a point as 'x y'")]
    [InlineData("2\n1 2\n3", ":3: expected a point as 'x y'")]
    [InlineData("1\nNaN 2\n", ":2: expected a point as 'x y'")]
    public void SaysWhereAFileIsBroken(string text, string expected)
    {
        var error = Assert.Throws<MoSarException>(() => TemPoints.Load(Write(text)));

        Assert.Equal("points-broken", error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SaysThatAFileIsMissing() =>
        Assert.Equal("points-missing", Assert.Throws<MoSarException>(() => TemPoints.Load(Path.Combine(_folder, "no.tem"))).Code);

    [Fact]
    public void FortyNinePointsHaveATwin()
    {
        Assert.Equal(49, TemPoints.Evaluated.Count);
        Assert.All(TemPoints.Evaluated, i => Assert.InRange(i, 17, 67));
        Assert.DoesNotContain(60, TemPoints.Evaluated);
        Assert.DoesNotContain(64, TemPoints.Evaluated);
    }

    [Fact]
    public void ConvertsToMultiPieByMeansOfTemplatePoints()
    {
        var standard = new TemPoints([.. Enumerable.Range(0, 189).Select(i => new Vector2(i, 2 * i))]);

        var points = standard.ToMultiPie();

        Assert.Equal(new Vector2(71.5f, 143), points[17]);
        Assert.Equal(new Vector2(54.5f, 109), points[28]);
        Assert.Equal(new Vector2(96, 192), points[62]);
        Assert.True(float.IsNaN(points[0].X) && float.IsNaN(points[60].Y));
        Assert.Equal(19.2f, standard.ToMultiPie(finerEyelids: true)[37].X, 4);
        Assert.Equal(9, standard.JawContour.Count);
    }

    [Fact]
    public void ErrorIsInPercentOfTheOuterEyeDistance()
    {
        var standard = new TemPoints([.. Enumerable.Range(0, 189).Select(i => new Vector2(10 * i, 0))]);
        var moved = standard.ToMultiPie().Select(p => p + new Vector2(0, 1.8f)).ToArray();

        Assert.Equal(90, standard.OuterEyeDistance);
        Assert.Equal(2, LandmarkError.Mean(moved, standard), 3);
        Assert.Throws<ArgumentException>(() => LandmarkError.Mean(moved[..67], standard));
    }

    [Fact]
    public void EveryFifthPersonOfACollectionIsHeldOutWithAllPictures()
    {
        for (var i = 1; i <= 7; i++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, "london", "neutral_front")).FullName;
            File.WriteAllText(Path.Combine(folder, $"{i * 3:000}_03.jpg"), "");
            File.WriteAllText(Path.Combine(folder, $"{i * 3:000}_03.tem"), "");
            folder = Directory.CreateDirectory(Path.Combine(_folder, "london", "smiling_front")).FullName;
            File.WriteAllText(Path.Combine(folder, $"{i * 3:000}_08.jpg"), "");
        }

        File.WriteAllText(Path.Combine(_folder, "astronaut.png"), "");

        var set = PortraitSet.Load(_folder);

        Assert.Equal(15, set.Count);
        Assert.Equal(["015_03", "015_08"], set.Where(p => p.HeldOut).Select(p => p.Name));
        Assert.Equal(7, set.Count(p => p.TemPath is not null));
    }

    [Fact]
    public void RealPortraitsSplitAsDocumented()
    {
        if (SharedData.Find("portraits") is not { } folder)
        {
            return;
        }

        var set = PortraitSet.Load(folder);
        var withPoints = set.Where(p => p.TemPath is not null && p.Collection is "london" or "canada").ToList();

        Assert.Equal(14, withPoints.Count(p => p.HeldOut && p.Collection == "london"));
        Assert.Equal(5, withPoints.Count(p => p.HeldOut && p.Collection == "canada"));
        Assert.All(withPoints.Where(p => p.TemPath is not null), p =>
        {
            var points = TemPoints.Load(p.TemPath!);
            Assert.True(points.IsStandard);
            var eyes = points.ToMultiPie();
            Assert.InRange(points.OuterEyeDistance, 150, 600);
            Assert.True(eyes[36].X < eyes[45].X && eyes[8 + 49].Y > eyes[33].Y);
        });
    }

    private string Write(string text)
    {
        var path = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{Guid.NewGuid():N}.tem"));
        File.WriteAllText(path, text);
        return path;
    }
}
