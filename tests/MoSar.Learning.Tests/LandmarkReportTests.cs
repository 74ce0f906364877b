using System.Globalization;
using System.Numerics;
using MoSar.Learning;

namespace MoSar.Tests.Learning;

public sealed class LandmarkReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mosar-report").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ComparesARunWithHandPlacedPoints()
    {
        var portraits = Enumerable.Range(1, 5).Select(MakePortrait).ToArray();
        MakeAvatar("001", detected: 1.7f, projected: 3.4f);
        MakeAvatar("005", detected: 0, projected: 1.7f);

        var rows = LandmarkReport.Rows(PortraitSet.Load(Path.Combine(_folder, "portraits")), SavedReconstruction.LoadRun(Path.Combine(_folder, "run")));
        var summary = LandmarkReport.Summarise(rows);

        Assert.Equal(5, portraits.Length);
        Assert.Equal(["001", "005"], rows.Select(r => r.Portrait.Name));
        Assert.Equal([(true, 1), (false, 1)], summary.Select(s => (s.HeldOut, s.Count)));
        Assert.Equal(2f, summary.Single(s => !s.HeldOut).Detected, 0.01f);
        Assert.Equal(4f, summary.Single(s => !s.HeldOut).Projected, 0.01f);
        Assert.Equal(2f, summary.Single(s => s.HeldOut).Projected, 0.01f);
    }

    [Fact]
    public void SaysWhatIsWrongWithARun()
    {
        Assert.Equal("run-missing", Assert.Throws<MoSarException>(() => SavedReconstruction.LoadRun(Path.Combine(_folder, "no"))).Code);
        Assert.Equal("run-missing", Assert.Throws<MoSarException>(() => SavedReconstruction.LoadRun(_folder)).Code);
        var avatar = Directory.CreateDirectory(Path.Combine(_folder, "bad", "a")).FullName;
        File.WriteAllText(Path.Combine(avatar, SavedReconstruction.FileName), "{\"image\": {}}");
        Assert.Equal("run-broken", Assert.Throws<MoSarException>(() => SavedReconstruction.LoadRun(Path.Combine(_folder, "bad"))).Code);
    }

    [Fact]
    public void TheFolderOfOneCollectionIsNotThePortraitFolder()
    {
        MakePortrait(1);
        MakeAvatar("001", 0, 0);
        var run = SavedReconstruction.LoadRun(Path.Combine(_folder, "run"));
        var error = Assert.Throws<MoSarException>(() => LandmarkReport.Rows(PortraitSet.Load(Path.Combine(_folder, "portraits", "canada")), run));
        Assert.Equal("portraits-missing", error.Code);
    }

    // Template point i lies at (10·i, 0): the outer eye corners, 18 and 27, are 90 pixels apart, and 2 % of that are 1.8.
    private string MakePortrait(int person)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "portraits", "canada")).FullName;
        var path = Path.Combine(folder, person.ToString("000", CultureInfo.InvariantCulture));
        File.WriteAllText(path + ".jpg", "");
        File.WriteAllLines(path + ".tem", ["189", .. Enumerable.Range(0, 189).Select(i => string.Create(CultureInfo.InvariantCulture, $"{10 * i} 0"))]);
        return path;
    }

    private void MakeAvatar(string name, float detected, float projected)
    {
        var truth = new TemPoints([.. Enumerable.Range(0, 189).Select(i => new Vector2(10 * i, 0))]).ToMultiPie();
        string Points(float by) => string.Join(", ", truth.Select(p => float.IsNaN(p.X) ? "[0, 0]" : string.Create(CultureInfo.InvariantCulture, $"[{p.X}, {p.Y + (by * 90 / 85)}]")));
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "run", name)).FullName;
        File.WriteAllText(
            Path.Combine(folder, SavedReconstruction.FileName),
            $$$"""
            {"image": {"width": 100, "height": 200}, "identity": [0.5, 1], "landmarks68": [{{{Points(detected)}}}], "projectedLandmarks68": [{{{Points(projected)}}}],
             "camera": {"fx": 100, "fy": 100, "cx": 50, "cy": 100, "rotation": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "translation": [0, 0, -500]}}
            """);
    }
}
