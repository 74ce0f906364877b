using System.Numerics;
using MoSar.Detect.OpenCv;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Learning;
using MoSar.Locating;
using MoSar.Testing;
using MoSar.Training;
using Xunit.Abstractions;

namespace MoSar.Locating.Tests;

/// <summary>
/// The table of the model card: both detectors on the same pictures.
/// dotnet test tests/Detect.Locator.Tests --filter DetectorComparison --logger "console;verbosity=detailed"
/// </summary>
public sealed class DetectorComparison(ITestOutputHelper output)
{
    [Fact]
    public void The_locator_finds_more_than_the_cascade()
    {
        var weights = Repository.Folder("samples", "models", "locator.safetensors");
        using var locator = new FaceLocator(new LocatorOptions { Weights = weights });
        using var cascade = new CascadeDetector(new CascadeOptions());
        var model = FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));
        output.WriteLine("pictures                                     locator  cascade");
        int locatorTotal = 0, cascadeTotal = 0;
        foreach (var (name, size, roll, calm) in new[]
        {
            ("frontal heads", 0.5f, 0f, true), ("tilted by 23 degrees", 0.5f, 0.4f, true), ("tilted by 45 degrees", 0.5f, 0.785f, true),
            ("any pose and light", 0.5f, 0f, false), ("any pose, small (8 % of the frame)", 0.11f, 0f, false),
        })
        {
            var pictures = SyntheticPicture.Make(model, Enumerable.Range(900, 20), side: 480, size: size, roll: roll, calm: calm);
            var (a, b) = (pictures.Count(p => Finds(locator, p)), pictures.Count(p => Finds(cascade, p)));
            output.WriteLine($"rendered, {name,-34} {a,4}/20  {b,4}/20");
            locatorTotal += a;
            cascadeTotal += b;
        }

        Alarms(locator, cascade, "painted, without a face", [.. Enumerable.Range(0, 50).Select(SyntheticPicture.Empty)]);
        if (SharedData.Find("hdri") is { } environments)
        {
            var held = TrainerOptions.HeldOutEnvironments.Select(e => ImageFile.Read(Path.Combine(environments, e + ".hdr"))).ToArray();
            Alarms(locator, cascade, "views into held-out environments", [.. Enumerable.Range(0, 60).Select(i => SyntheticPicture.EmptyView(held[i % held.Length], i))]);
        }

        if (SharedData.Find("portraits") is { } folder)
        {
            foreach (var set in PortraitSet.Load(folder).Where(p => (p.HeldOut && p.TemPath is not null) || p.Collection is "lisa" or "zoom" or "misc").GroupBy(p => p.Collection + (p.HeldOut ? ", held out" : "")))
            {
                var photographs = set.Select(p => ImageFile.ReadPhotograph(p.ImagePath)).ToArray();
                var (a, b) = (photographs.Count(p => locator.Run(p, StageContext.None).Count > 0), photographs.Count(p => cascade.Run(p, StageContext.None).Count > 0));
                output.WriteLine($"portraits, {set.Key,-33} {a,4}/{photographs.Length}  {b,4}/{photographs.Length}");
            }
        }

        Assert.True(locatorTotal > cascadeTotal, $"{locatorTotal} against {cascadeTotal}");
    }

    private static bool Finds(IFaceDetector detector, SyntheticPicture picture) => detector.Run(picture.Photograph, StageContext.None).Any(f =>
        Vector2.Distance(f.Crop.Centre, picture.Crop.Centre) < 0.25f * picture.Crop.Size && MathF.Abs(MathF.Log(f.Crop.Size / picture.Crop.Size)) < 0.5f);

    private void Alarms(IFaceDetector locator, IFaceDetector cascade, string name, IReadOnlyList<Photograph> pictures)
    {
        int Count(IFaceDetector d) => pictures.Sum(p => d.Run(p, StageContext.None).Count);
        output.WriteLine($"false alarms, {name,-32} {Count(locator),2} in {pictures.Count}  {Count(cascade),2} in {pictures.Count}");
    }
}
