using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>The paper's baseline in place of 𝓕: a mean and principal components, which no training changes.</summary>
public sealed class LinearShape : ShapeDecoder
{
    /// <summary>In <see cref="ShapeDecoder.Description"/>.</summary>
    public const string Kind = "linear";

    private readonly Tensor mean, basis;

    public LinearShape(int vertices, int latents)
        : this(zeros(vertices, 3), zeros(latents, 3L * vertices))
    {
    }

    /// <param name="mean">[V, 3] mm; copied.</param>
    /// <param name="basis">[K, 3V] mm a standard deviation; copied.</param>
    public LinearShape(Tensor mean, Tensor basis)
        : base("linear-shape")
    {
        this.mean = mean.clone().DetachFromDisposeScope();
        this.basis = basis.clone().DetachFromDisposeScope();
        RegisterComponents();
        register_buffer("mean", this.mean);
        register_buffer("basis", this.basis);
    }

    public override int LatentCount => (int)basis.shape[0];

    public override IReadOnlyDictionary<string, string> Description => new Dictionary<string, string> { ["shape"] = Kind, ["latents"] = LatentCount.ToString(CultureInfo.InvariantCulture) };

    /// <summary>α of heads [B, V, 3]: the least squares' where the basis is orthogonal, as principal components are.</summary>
    public Tensor Encode(Tensor positions)
    {
        using var scope = NewDisposeScope();
        var lengths = basis.square().sum([1]);
        return ((positions - mean).reshape(positions.shape[0], -1).matmul(basis.t()) / lengths).MoveToOuterDisposeScope();
    }

    public override (Tensor Mean, Tensor Basis) LinearPart(Tensor vertices)
    {
        using var scope = NewDisposeScope();
        return (mean.index_select(0, vertices).MoveToOuterDisposeScope(), basis.reshape(LatentCount, -1, 3).index_select(1, vertices).MoveToOuterDisposeScope());
    }

    public override Tensor forward(Tensor alpha)
    {
        using var scope = NewDisposeScope();
        return (alpha.matmul(basis).reshape(alpha.shape[0], -1, 3) + mean).MoveToOuterDisposeScope();
    }
}
