using MoSar.Faces;
using static TorchSharp.torch;

namespace MoSar.Plugins.Linear3dmm;

/// <summary>The model's parts that Adam needs, as tensors, made once and shared by all photographs.</summary>
internal sealed class SceneModel : IDisposable
{
    public SceneModel(FaceModel model, FaceSubset subset, System.Numerics.Vector3 origin)
    {
        Identities = model.IdentityCount;
        Expressions = model.ExpressionCount;
        Albedos = model.AlbedoCount;
        var mean = (float[])subset.Mean.Clone();
        for (var i = 0; i < mean.Length; i++)
        {
            mean[i] -= origin[i % 3];
        }

        Mean = Keep(tensor(mean));
        Basis = Keep(tensor(subset.ShapeBasis, [subset.Parameters, mean.Length]));
        AlbedoMean = Keep(tensor(subset.AlbedoMean));
        AlbedoBasis = Keep(tensor(subset.AlbedoBasis, [Albedos, mean.Length]));
        Laplacian = Keep(MakeLaplacian(subset));
    }

    public int Identities { get; }

    public int Expressions { get; }

    public int Albedos { get; }

    /// <summary>[3n] about the origin, mm.</summary>
    public Tensor Mean { get; }

    /// <summary>[P, 3n].</summary>
    public Tensor Basis { get; }

    /// <summary>[3n].</summary>
    public Tensor AlbedoMean { get; }

    /// <summary>[K, 3n].</summary>
    public Tensor AlbedoBasis { get; }

    /// <summary>[P, P]: shapeᵀ·Laplacian·shape is the mean squared uniform Laplacian of the shape's offsets, mm².</summary>
    public Tensor Laplacian { get; }

    public void Dispose()
    {
        Mean.Dispose();
        Basis.Dispose();
        AlbedoMean.Dispose();
        AlbedoBasis.Dispose();
        Laplacian.Dispose();
    }

    private static Tensor Keep(Tensor tensor) => tensor.DetachFromDisposeScope();

    /// <summary>The Laplacian of a linear model is linear in its coefficients, so its square is a fixed quadratic form.</summary>
    private static Tensor MakeLaplacian(FaceSubset subset)
    {
        using var scope = NewDisposeScope();
        var n = subset.Count;
        var neighbours = new HashSet<int>[n];
        for (var i = 0; i < n; i++)
        {
            neighbours[i] = [];
        }

        for (var t = 0; t < subset.Triangles.Length; t += 3)
        {
            for (var k = 0; k < 3; k++)
            {
                var (a, b) = (subset.Triangles[t + k], subset.Triangles[t + ((k + 1) % 3)]);
                neighbours[a].Add(b);
                neighbours[b].Add(a);
            }
        }

        var result = new float[subset.ShapeBasis.Length];
        for (var k = 0; k < subset.Parameters; k++)
        {
            var mode = subset.ShapeBasis.AsSpan(k * 3 * n, 3 * n);
            var target = result.AsSpan(k * 3 * n, 3 * n);
            for (var i = 0; i < n; i++)
            {
                for (var axis = 0; axis < 3; axis++)
                {
                    var sum = 0f;
                    foreach (var j in neighbours[i])
                    {
                        sum += mode[(3 * j) + axis];
                    }

                    target[(3 * i) + axis] = neighbours[i].Count == 0 ? 0 : mode[(3 * i) + axis] - (sum / neighbours[i].Count);
                }
            }
        }

        var l = tensor(result, [subset.Parameters, 3 * n]);
        return (l.matmul(l.t()) / n).MoveToOuterDisposeScope();
    }
}
