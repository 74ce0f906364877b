using System.Numerics;
using MoSar.Faces.Fitting;
using MoSar.Plugins.Linear3dmm;

namespace MoSar.Tests.Linear3dmm;

public sealed class KernelTests
{
    private static readonly FaceSubset Subset = new(SyntheticFace.Model);

    [Fact]
    public void LandmarkGradientsAreThoseOfFiniteDifferences()
    {
        var model = SyntheticFace.Model;
        var origin = new LandmarkFit(model).Origin;
        var points = new LinearPoints(model, [.. model.Template.Landmarks], origin);
        var kernel = new LandmarkKernel(
            points,
            [
                new(30, 30, 0, new Vector2(260, 320), Vector2.Zero, 0.5),
                new(36, 45, 0.3, new Vector2(200, 250), Vector2.Zero, 0.4),
                new(2, 3, 0.6, new Vector2(150, 400), Vector2.Normalize(new Vector2(1, 2)), 0.3),
            ],
            4);
        var shape = new double[points.Parameters];
        var random = new Random(3);
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = random.NextDouble() - 0.5;
        }

        var pose = new HeadPose(HeadPose.Turn([0.1, -0.3, 0.05], [1, 0, 0, 0, 1, 0, 0, 0, 1]), 3, -4, Math.Log(2), -Math.Log(500));
        kernel.Evaluate(shape, pose, 240, 300);
        var (shapeGradient, poseGradient) = ((double[])kernel.ShapeGradient.Clone(), (double[])kernel.PoseGradient.Clone());

        for (var i = 0; i < 7; i++)
        {
            var expected = (At(shape, Moved(pose, i, 1e-6)) - At(shape, Moved(pose, i, -1e-6))) / 2e-6;
            Assert.Equal(expected, poseGradient[i], 1e-5 * (1 + Math.Abs(expected)));
        }

        foreach (var i in new[] { 0, 7, 99, 100, 130, 152 })
        {
            var (more, less) = ((double[])shape.Clone(), (double[])shape.Clone());
            more[i] += 1e-6;
            less[i] -= 1e-6;
            var expected = (At(more, pose) - At(less, pose)) / 2e-6;
            Assert.Equal(expected, shapeGradient[i], 1e-5 * (1 + Math.Abs(expected)));
        }

        double At(double[] s, HeadPose p) => kernel.Evaluate(s, p, 240, 300);
    }

    [Fact]
    public void PhotoGradientsAreThoseOfFiniteDifferences()
    {
        var kernel = new PhotoKernel(Subset);
        var face = new SyntheticFace(1);
        var target = PhotoTarget.Take(face.Photograph, [.. Subset.Vertices.Select(v => face.Camera.Project(face.Positions[v]) + new Vector2(v % 2 == 0 ? 40 : -40))], 128);
        Smooth(target);
        var positions = (float[])Subset.Mean.Clone();
        var origin = new LandmarkFit(SyntheticFace.Model).Origin;
        for (var i = 0; i < positions.Length; i++)
        {
            positions[i] -= origin[i % 3];
        }

        float[] light = [0.8f, 0.7f, 0.6f, .. Enumerable.Range(0, 24).Select(i => 0.05f * MathF.Sin(i))];
        var weights = Subset.Weight;
        var pose = new HeadPose([1, 0, 0, 0, 1, 0, 0, 0, 1], 8, -5, Math.Log(1100 / 620.0), -Math.Log(620));
        Evaluate(positions, Subset.AlbedoMean, light, pose);
        var (dPosition, dAlbedo) = ((float[])kernel.PositionGradient.Clone(), (float[])kernel.AlbedoGradient.Clone());
        var (dLight, dPose) = ((float[])kernel.LightGradient.Clone(), (float[])kernel.PoseGradient.Clone());

        // Directions in which every vertex takes part, so that float noise averages out.
        var random = new Random(5);
        for (var trial = 0; trial < 3; trial++)
        {
            var direction = new float[positions.Length];
            for (var i = 0; i < direction.Length; i++)
            {
                direction[i] = trial == 0 ? dPosition[i] * 3e4f : positions[i % 3 == 2 ? i - 2 : i + 1] * (0.01f + (0.002f * trial));
            }

            // The gradient moves the vertices of small triangles most, and their normals turn: a short step, or the slope is not the loss's.
            Check(Dot(dPosition, direction), h => Evaluate(Step(positions, direction, h), Subset.AlbedoMean, light, pose), trial == 0 ? 2e-4f : 0.02f, 0.03);
        }

        float[] albedoStep = [.. Subset.AlbedoMean.Select(a => a * (0.5f + random.NextSingle()))];
        Check(Dot(dAlbedo, albedoStep), h => Evaluate(positions, Step(Subset.AlbedoMean, albedoStep, h), light, pose), 0.01f, 0.01);
        for (var k = 0; k < 27; k += 5)
        {
            var unit = new float[27];
            unit[k] = 1;
            Check(dLight[k], h => Evaluate(positions, Subset.AlbedoMean, Step(light, unit, h), pose), 0.01f, 0.01);
        }

        for (var k = 0; k < 7; k++)
        {
            var scale = k < 3 ? 0.003 : k < 5 ? 0.3 : 0.003;
            Check(dPose[k] * scale, h => Evaluate(positions, Subset.AlbedoMean, light, Moved(pose, k, h * scale)), 1, 0.04);
        }

        double Evaluate(float[] p, float[] a, float[] l, HeadPose at)
        {
            var view = new SceneView
            {
                Photo = kernel,
                Target = target,
                Weights = weights,
                Landmarks = new LandmarkKernel(new LinearPoints(SyntheticFace.Model, [], origin), [], 4),
                Pose = at,
                Cx = SyntheticFace.Width / 2.0,
                Cy = SyntheticFace.Height / 2.0,
            };
            return kernel.Evaluate(p, a, l, view.InTarget(), target, weights);
        }

        static void Check(double derivative, Func<float, double> at, float step, double tolerance, [System.Runtime.CompilerServices.CallerLineNumber] int line = 0)
        {
            var expected = (at(step) - at(-step)) / (2 * step);
            Assert.True(Math.Abs(expected - derivative) <= (tolerance * Math.Abs(expected)) + 2e-5, $"line {line}: finite difference {expected}, derivative {derivative}");
        }
    }

    private static float[] Step(float[] from, float[] direction, float h) => [.. from.Zip(direction, (a, b) => a + (h * b))];

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    /// <summary>A picture without corners: finite differences of a bilinear sample would otherwise straddle them.</summary>
    private static void Smooth(PhotoTarget target)
    {
        for (var i = 0; i < target.Planes.Length; i++)
        {
            var (x, y, c) = (i % target.Side, i / target.Side % target.Side, i / (target.Side * target.Side));
            target.Planes[i] = 0.25f + (0.1f * MathF.Sin((0.07f * x) + c)) + (0.1f * MathF.Cos(0.05f * y));
        }
    }

    private static HeadPose Moved(HeadPose pose, int parameter, double by)
    {
        var turn = new double[3];
        if (parameter < 3)
        {
            turn[parameter] = by;
        }

        return new HeadPose(
            HeadPose.Turn(turn, pose.Rotation),
            pose.Tx + (parameter == 3 ? by : 0),
            pose.Ty + (parameter == 4 ? by : 0),
            pose.LogScale + (parameter == 5 ? by : 0),
            pose.LogCurvature + (parameter == 6 ? by : 0));
    }
}
