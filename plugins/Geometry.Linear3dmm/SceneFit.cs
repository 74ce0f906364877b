using MoSar.Faces.Fitting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Plugins.Linear3dmm;

/// <summary>χ of the paper as Adam holds it.</summary>
/// <param name="Shape">α and δ.</param>
/// <param name="Albedo">β.</param>
/// <param name="Light">[9, 3].</param>
internal sealed record SceneState(double[] Shape, HeadPose Pose, float[] Light, float[] Albedo);

/// <summary>
/// Minimises Eq. 1 by Adam over χ = {α, δ, pose and focal length, γ, β}. All unknowns are one vector in units of their deviations, so that
/// one learning rate suits all; the data terms are custom autograd functions over SIMD C#, the regularisers plain tensor expressions.
/// </summary>
internal sealed class SceneFit(SceneModel model, Linear3dmmOptions options, LightPrior lightPrior)
{
    private const int PoseCount = 7, LightCount = 27;
    private const float ExpressionUnit = 0.1f, LightUnit = 0.1f;

    // Rotation (rad), tx, ty (mm), ln s, ln k.
    private static readonly float[] PoseUnits = [0.02f, 0.02f, 0.02f, 2, 2, 0.02f, 0.1f];

    /// <summary>Called before the first step and at every refresh, with the scene as it is: renew the view's weights and landmarks.</summary>
    public delegate void Refresh(SceneView view, SceneState state);

    public SceneState Run(SceneState start, SceneView view, double focalPrior, double focalSigma, double[] frontBasis, Refresh refresh, StageContext context)
    {
        const int refreshEvery = 40;
        using var scope = NewDisposeScope();
        var shapeCount = model.Identities + model.Expressions;
        var units = MakeUnits();
        var (poseAt, lightAt, albedoAt) = (shapeCount, shapeCount + PoseCount, shapeCount + PoseCount + LightCount);
        var initial = new float[albedoAt + model.Albedos];
        for (var i = 0; i < shapeCount; i++)
        {
            initial[i] = (float)start.Shape[i] / units[i];
        }

        start.Light.Select(v => v / LightUnit).ToArray().CopyTo(initial, lightAt);
        start.Albedo.CopyTo(initial, albedoAt);
        using var theta = new Parameter(tensor(initial));
        var unit = tensor(units);
        var lightMean = tensor([.. Enumerable.Range(0, 9).Select(k => (float)lightPrior.Mean(k))], 9, 1);
        var lightSigma = tensor([.. Enumerable.Range(0, 9).Select(k => (float)lightPrior.Sigma(k))], 9, 1);
        var front = tensor([.. frontBasis.Select(v => (float)v)], 1, 9);
        using var adam = new Adam([theta], options.LearningRate);
        view.Pose = start.Pose;
        for (var step = 0; step < options.Iterations; step++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (step % refreshEvery == 0)
            {
                refresh(view, State());
                context.Progress.Report(new StageProgress((double)step / options.Iterations, "fitting the photograph"));
            }

            using var inner = NewDisposeScope();
            foreach (var group in adam.ParamGroups)
            {
                // Cosine decay: large steps first, none at the end.
                group.LearningRate = options.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * step / options.Iterations));
            }

            adam.zero_grad();
            Loss(theta * unit).backward();
            adam.step();
            Fold();
        }

        return State();

        Tensor Loss(Tensor values)
        {
            var shape = values.narrow(0, 0, shapeCount);
            var pose = values.narrow(0, poseAt, PoseCount);
            var light = values.narrow(0, lightAt, LightCount);
            var albedo = values.narrow(0, albedoAt, model.Albedos);
            var positions = model.Mean + model.Basis.t().mv(shape);
            var reflectance = model.AlbedoMean + model.AlbedoBasis.t().mv(albedo);
            return (255 * options.LambdaPhoto * PhotoLoss.apply(view, positions, reflectance, light, pose))
                + (options.LambdaLandmark * LandmarkLoss.apply(view, shape, pose))
                + Regularise(shape, pose, light.reshape(9, 3), albedo);
        }

        Tensor Regularise(Tensor shape, Tensor pose, Tensor light, Tensor albedo)
        {
            var identity = shape.narrow(0, 0, model.Identities).square().sum() * (0.5 * options.LambdaIdentity);

            // ℓ1 of δ, which is never negative, rounded at 0 as the landmark fit has it.
            var expression = ((shape.narrow(0, model.Identities, model.Expressions) / ExpressionUnit).square() + 1).sqrt().sum() * options.LambdaExp;
            var laplacian = shape.dot(model.Laplacian.mv(shape)) * (0.5 * options.LambdaLap);
            var reflectance = albedo.square().sum() * (0.5 * options.LambdaAlb);
            var grey = light.mean([1], true);
            var chroma = ((light - grey) / lightPrior.ChromaSigma).square().sum();
            var bands = ((grey - lightMean) / lightSigma).square().sum();
            var brightness = ((front.matmul(grey).clamp_min(0.05).log() - Math.Log(lightPrior.Brightness)) / lightPrior.BrightnessSigma).square().sum();
            var focal = ((pose.narrow(0, 5, 1) - pose.narrow(0, 6, 1) + (view.Pose.LogScale - view.Pose.LogCurvature - focalPrior)) / focalSigma).square().sum();
            var distance = ((pose.narrow(0, 6, 1) + (view.Pose.LogCurvature + Math.Log(options.DistancePrior))) / options.DistanceSigma).square().sum();
            return identity + expression + laplacian + reflectance + ((chroma + bands + brightness) * (0.5 * options.LambdaLight)) + ((focal + distance) * 0.5);
        }

        // The step of the pose becomes part of the pose; blendshapes stay in [0, 1].
        void Fold()
        {
            using var still = no_grad();
            var expressions = theta.narrow(0, model.Identities, model.Expressions);
            expressions.clamp_(0, 1 / ExpressionUnit);
            var step = theta.narrow(0, poseAt, PoseCount);
            var d = step.data<float>().ToArray();
            step.zero_();
            view.Pose = new HeadPose(
                HeadPose.Turn([d[0] * PoseUnits[0], d[1] * PoseUnits[1], d[2] * PoseUnits[2]], view.Pose.Rotation),
                view.Pose.Tx + (d[3] * PoseUnits[3]),
                view.Pose.Ty + (d[4] * PoseUnits[4]),
                view.Pose.LogScale + (d[5] * PoseUnits[5]),
                view.Pose.LogCurvature + (d[6] * PoseUnits[6]));
        }

        SceneState State()
        {
            var values = theta.data<float>().ToArray();
            return new SceneState(
                [.. values[..shapeCount].Select((v, i) => (double)v * units[i])], view.Pose, [.. values[lightAt..albedoAt].Select(v => v * LightUnit)], values[albedoAt..]);
        }
    }

    /// <summary>What 1 of each unknown stands for: shape, pose, light, albedo.</summary>
    internal float[] MakeUnits() =>
    [
        .. Enumerable.Repeat(1f, model.Identities),
        .. Enumerable.Repeat(ExpressionUnit, model.Expressions),
        .. PoseUnits,
        .. Enumerable.Repeat(LightUnit, LightCount),
        .. Enumerable.Repeat(1f, model.Albedos),
    ];
}
