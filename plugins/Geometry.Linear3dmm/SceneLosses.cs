using System.Runtime.InteropServices;
using MoSar.Faces.Fitting;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace MoSar.Plugins.Linear3dmm;

/// <summary>What both data terms look at; the scene moves it between steps.</summary>
internal sealed class SceneView
{
    public required PhotoKernel Photo { get; init; }

    public required PhotoTarget Target { get; init; }

    public required float[] Weights { get; set; }

    public required LandmarkKernel Landmarks { get; set; }

    public required HeadPose Pose { get; set; }

    public required double Cx { get; init; }

    public required double Cy { get; init; }

    /// <summary>The pose in the pixels of the target.</summary>
    public PhotoPose InTarget() => new(
        [.. Pose.Rotation.Select(v => (float)v)],
        (float)Pose.Tx,
        (float)Pose.Ty,
        (float)(Pose.Scale * Target.Scale),
        (float)Math.Exp(Pose.LogCurvature),
        (float)((Cx - Target.Corner.X) * Target.Scale),
        (float)((Cy - Target.Corner.Y) * Target.Scale));

    internal static ReadOnlySpan<float> Values(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}

/// <summary>L_photo as a function of positions [3n], albedo [3n], light [27] and the pose's step [7], which is 0 wherever it is evaluated: the
/// scene folds every step into <see cref="SceneView.Pose"/>, so that rotations never leave their tangent space.</summary>
internal sealed class PhotoLoss : SingleTensorFunction<PhotoLoss>
{
    public override string Name => "mosar_photo_loss";

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var view = (SceneView)vars[0];
        var loss = view.Photo.Evaluate(
            SceneView.Values((Tensor)vars[1]), SceneView.Values((Tensor)vars[2]), SceneView.Values((Tensor)vars[3]), view.InTarget(), view.Target, view.Weights);
        ctx.save_data("view", view);
        return tensor((float)loss);
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        var photo = ((SceneView)ctx.get_data("view")).Photo;
        return [null!, grad_output * tensor(photo.PositionGradient), grad_output * tensor(photo.AlbedoGradient), grad_output * tensor(photo.LightGradient), grad_output * tensor(photo.PoseGradient)];
    }
}

/// <summary>L_landmark as a function of the shape coefficients and the pose's step.</summary>
internal sealed class LandmarkLoss : SingleTensorFunction<LandmarkLoss>
{
    public override string Name => "mosar_landmark_loss";

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var view = (SceneView)vars[0];
        var values = SceneView.Values((Tensor)vars[1]);
        var shape = new double[values.Length];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = values[i];
        }

        ctx.save_data("view", view);
        return tensor((float)view.Landmarks.Evaluate(shape, view.Pose, view.Cx, view.Cy));
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        var landmarks = ((SceneView)ctx.get_data("view")).Landmarks;
        return [null!, grad_output * tensor(landmarks.ShapeGradient).to(float32), grad_output * tensor(landmarks.PoseGradient).to(float32)];
    }
}
