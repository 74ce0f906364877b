using System.ComponentModel.DataAnnotations;
using System.Numerics;
using MoSar.Faces.Fitting;
using MoSar.Plugins.Linear3dmm;

namespace MoSar.Tests.Linear3dmm;

public sealed class EstimatorTests
{
    private static readonly Linear3dmmOptions Options = new() { Model = SyntheticFace.ModelPath };

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    public void RecoversPoseAndShapeFromLandmarks(float yaw)
    {
        var face = new SyntheticFace(11, yaw);
        var fit = new LandmarkFit(SyntheticFace.Model);
        var options = LandmarkFitOptions.Default with { PointSigma = 0.003, BrowSigma = 0.003, ContourSigma = 0.004 };

        var result = fit.Run(face.Landmarks(), SyntheticFace.Width, SyntheticFace.Height, 1100, options);

        Assert.Equal(1100, result.Pose.Focal, 55.0);
        Assert.Equal(620, result.Pose.Distance, 50.0);
        Assert.Equal(Math.Sin(yaw), result.Pose.Rotation[2], 0.05);
        var truth = face.Landmarks().Points;
        Assert.InRange(Enumerable.Range(17, 51).Average(i => Vector2.Distance(truth[i], result.Projected[i])), 0, 0.7);
        Assert.InRange(result.Expression[SyntheticFace.Model.ExpressionIndex("jawOpen")], 0.03, 0.3);
    }

    [Fact]
    public void PerspectiveTellsTheDistance()
    {
        var fit = new LandmarkFit(SyntheticFace.Model);
        var options = LandmarkFitOptions.Default with { PointSigma = 0.003, BrowSigma = 0.003, ContourSigma = 0.004 };
        var near = fit.Run(new SyntheticFace(2, 0, 400, 230).Landmarks(), SyntheticFace.Width, SyntheticFace.Height, null, options);
        var far = fit.Run(new SyntheticFace(2, 0, 2600, 1500).Landmarks(), SyntheticFace.Width, SyntheticFace.Height, null, options);

        Assert.InRange(near.Pose.Distance, 170, 340);
        Assert.True(far.Pose.Distance > 2 * near.Pose.Distance, $"near {near.Pose.Distance:F0} mm, far {far.Pose.Distance:F0} mm");
    }

    [Fact]
    public void AnOutlierDoesNotMoveTheRest()
    {
        var face = new SyntheticFace(4);
        var fit = new LandmarkFit(SyntheticFace.Model);
        var landmarks = face.Landmarks();
        var clean = fit.Run(landmarks, SyntheticFace.Width, SyntheticFace.Height);
        var moved = landmarks.Points.ToArray();
        moved[33] += new Vector2(60, 0);
        moved[19] = new Vector2(float.NaN);

        var result = fit.Run(landmarks with { Points = moved }, SyntheticFace.Width, SyntheticFace.Height);

        Assert.InRange(Vector2.Distance(clean.Projected[36], result.Projected[36]), 0, 1.5);
        Assert.InRange(Vector2.Distance(clean.Projected[54], result.Projected[54]), 0, 2);
    }

    [Fact]
    public void FitsAPhotographAndRepeatsBitForBit()
    {
        var face = new SyntheticFace(21);
        var input = new GeometryInput(face.Photograph, default, face.Landmarks(noise: 1));
        using var first = new Linear3dmmEstimator(Options);
        using var second = new Linear3dmmEstimator(Options);

        var a = first.Run(input, StageContext.None);
        var b = second.Run(input, StageContext.None);

        // The model's tensors stay for the next photograph; a fit leaves none of its own.
        var alive = TensorEngine.LiveTensors;
        first.Run(input, StageContext.None);
        Assert.Equal(alive, TensorEngine.LiveTensors);
        Assert.Equal(a.Identity, b.Identity);
        Assert.Equal(a.Mesh.Positions, b.Mesh.Positions);
        Assert.Equal(a.Light.Coefficients, b.Light.Coefficients);
        var truth = face.Landmarks().Points;
        Assert.InRange(Enumerable.Range(17, 51).Average(i => Vector2.Distance(truth[i], a.ProjectedLandmarks[i])), 0, 1.5);
        Assert.All(a.Expression, e => Assert.InRange(e, 0, 1));
        var skin = MeanColour(a);
        var wanted = Mean(SyntheticFace.Model.Albedo(face.Beta));
        Assert.InRange(Vector3.Distance(skin, wanted) / wanted.Length(), 0, 0.25);
    }

    [Theory]
    [InlineData(-1.6f, 1f)]
    [InlineData(0.5f, 1f)]
    [InlineData(0.5f, 0.2f)]
    public void DarkSkinStaysDarkAndDimLightDoesNotDarkenSkin(float tone, float brightness)
    {
        // The first albedo mode is tone; its sign is the eigenvector's own.
        var sign = Luminance(Mean(SyntheticFace.Model.Albedo([1]))) > Luminance(Mean(SyntheticFace.Model.Albedo([]))) ? 1 : -1;
        var face = new SyntheticFace(8, albedo: beta =>
        {
            Array.Clear(beta);
            beta[0] = sign * tone;
        }, brightness: brightness);
        using var estimator = new Linear3dmmEstimator(Options);

        var found = estimator.Run(new GeometryInput(face.Photograph, default, face.Landmarks()), StageContext.None);

        var ratio = Luminance(MeanColour(found)) / Luminance(Mean(SyntheticFace.Model.Albedo(face.Beta)));
        Assert.InRange(ratio, 0.6, 1.6);
    }

    [Fact]
    public void ThePhotographSharpensWhatLandmarksLeaveOpen()
    {
        var face = new SyntheticFace(33, 0.3f);
        var input = new GeometryInput(face.Photograph, default, face.Landmarks(noise: 2.5f));
        using var landmarksOnly = new Linear3dmmEstimator(Options with { Iterations = 0 });
        using var full = new Linear3dmmEstimator(Options);
        var truth = face.Landmarks().Points;

        var before = Error(landmarksOnly.Run(input, StageContext.None));
        var after = Error(full.Run(input, StageContext.None));

        Assert.True(after < before, $"landmarks alone {before:F2} px, with the photograph {after:F2} px");
        double Error(Reconstruction r) => Enumerable.Range(17, 51).Average(i => Vector2.Distance(truth[i], r.ProjectedLandmarks[i]));
    }

    [Fact]
    public void StopsWhenCancelled()
    {
        var face = new SyntheticFace(5);
        using var estimator = new Linear3dmmEstimator(Options);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(() => estimator.Run(
            new GeometryInput(face.Photograph, default, face.Landmarks()), StageContext.None with { Cancellation = cancelled.Token }));
    }

    [Fact]
    public void LandmarksInOnePlaceAreAnErrorForThePerson()
    {
        var face = new SyntheticFace(5);
        using var estimator = new Linear3dmmEstimator(Options with { Iterations = 0 });
        var landmarks = new Landmarks([.. Enumerable.Repeat(new Vector2(5, 5), 68)], [.. Enumerable.Repeat(1f, 68)]);

        var error = Assert.Throws<MoSarException>(() => estimator.Run(new GeometryInput(face.Photograph, default, landmarks), StageContext.None));

        Assert.Equal("face-too-small", error.Code);
    }

    [Fact]
    public void MissingAndTruncatedModelsAreRefused()
    {
        Assert.Equal("weights-missing", Assert.Throws<MoSarException>(() => new Linear3dmmEstimator(new Linear3dmmOptions { Model = "no.safetensors" })).Code);
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, File.ReadAllBytes(SyntheticFace.ModelPath)[..100_000]);
            Assert.Equal("weights-truncated", Assert.Throws<MoSarException>(() => new Linear3dmmEstimator(new Linear3dmmOptions { Model = path })).Code);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(nameof(Linear3dmmOptions.Model))]
    [InlineData(nameof(Linear3dmmOptions.Iterations))]
    [InlineData(nameof(Linear3dmmOptions.LambdaPhoto))]
    [InlineData(nameof(Linear3dmmOptions.FocalPrior))]
    public void OptionsOutOfRangeAreFound(string property)
    {
        var wrong = property switch
        {
            nameof(Linear3dmmOptions.Model) => Options with { Model = "" },
            nameof(Linear3dmmOptions.Iterations) => Options with { Iterations = -1 },
            nameof(Linear3dmmOptions.LambdaPhoto) => Options with { LambdaPhoto = -1 },
            _ => Options with { FocalPrior = 0 },
        };

        Assert.True(Validator.TryValidateObject(Options, new ValidationContext(Options), null, true));
        var found = new List<ValidationResult>();
        Assert.False(Validator.TryValidateObject(wrong, new ValidationContext(wrong), found, true));
        Assert.Contains(found, r => r.MemberNames.Contains(property));
    }

    private static double Luminance(Vector3 c) => (0.2126 * c.X) + (0.7152 * c.Y) + (0.0722 * c.Z);

    private static Vector3 MeanColour(Reconstruction r) => Mean(r.VertexAlbedo);

    private static Vector3 Mean(Vector3[] albedo)
    {
        var face = SyntheticFace.Model.Template.Regions["face"];
        var chosen = Enumerable.Range(0, albedo.Length).Where(v => face[v] > 0.7f).ToArray();
        return chosen.Aggregate(Vector3.Zero, (sum, v) => sum + albedo[v]) / chosen.Length;
    }
}
