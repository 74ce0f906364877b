using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning;

/// <summary>L_light of Eq. 2 (as in [15]): light is nearly white.</summary>
public static class LightLoss
{
    /// <param name="light">γ, [B, 9, 3].</param>
    /// <returns>Scalar: the mean squared difference of a coefficient from its three channels' mean, squared units of radiance.</returns>
    public static Tensor Of(Tensor light)
    {
        using var scope = NewDisposeScope();
        return (light - light.mean([2], keepdim: true)).square().mean().MoveToOuterDisposeScope();
    }
}

/// <summary>L_exp of Eq. 2: ℓ1 of the expression, so that few blendshapes explain a face.</summary>
public static class ExpressionLoss
{
    /// <param name="expression">δ, [B, E].</param>
    /// <returns>Scalar without unit: the mean of |δ| over rows and blendshapes, so that a weight means the same for any number of them.</returns>
    public static Tensor Of(Tensor expression)
    {
        using var scope = NewDisposeScope();
        return expression.abs().mean().MoveToOuterDisposeScope();
    }
}

/// <summary>L_alb of Eq. 2 (as in [51]): albedo is as probable as the people of its basis make it.</summary>
public static class AlbedoLoss
{
    /// <param name="albedo">β, [B, N], in standard deviations.</param>
    /// <returns>Scalar without unit: the mean of β² over rows and modes; 1 for people drawn at random.</returns>
    public static Tensor Of(Tensor albedo)
    {
        using var scope = NewDisposeScope();
        return albedo.square().mean().MoveToOuterDisposeScope();
    }
}
