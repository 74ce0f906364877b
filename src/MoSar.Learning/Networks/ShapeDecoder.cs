using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>What makes a neutral head of the coefficients α: [B, K], about unit variance, to positions [B, V, 3] in mm.</summary>
public abstract class ShapeDecoder(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>K.</summary>
    public abstract int LatentCount { get; }

    /// <summary>What <see cref="From"/> needs to make an empty one like it: metadata of a file of weights.</summary>
    public abstract IReadOnlyDictionary<string, string> Description { get; }

    /// <summary>What the heads are without what is not linear in α.</summary>
    /// <param name="vertices">[P] indices.</param>
    /// <returns>Mean [P, 3] mm, Basis [K, P, 3] mm a unit of α; no gradient.</returns>
    public abstract (Tensor Mean, Tensor Basis) LinearPart(Tensor vertices);

    /// <summary>Which α are probable: those of μ + z·F with z standard normal. Mean μ [K], Factor F [K, K]; null: z itself.</summary>
    public virtual (Tensor Mean, Tensor Factor)? Habits => null;

    /// <summary>Writes it with its description, the large tensors in half floats: a thousandth of a deviation is a hundredth of a millimetre.</summary>
    public void Save(string path, IReadOnlyDictionary<string, string> provenance)
    {
        using var scope = NewDisposeScope();
        this.SaveCompact(path, new Dictionary<string, string>(provenance.Concat(Description)));
    }

    /// <summary>One whose weights are still to be loaded.</summary>
    /// <param name="description">Metadata of a file of weights.</param>
    /// <param name="vertices">V.</param>
    /// <param name="levels">The template's levels; asked for by a graph network only.</param>
    /// <returns>Null when the metadata describe none.</returns>
    public static ShapeDecoder? From(IReadOnlyDictionary<string, string> description, int vertices, Func<MeshPyramid> levels) => description.GetValueOrDefault("shape") switch
    {
        LinearShape.Kind => new LinearShape(vertices, int.Parse(description["latents"], System.Globalization.CultureInfo.InvariantCulture)),
        PartDecoder.Kind => new PartDecoder(levels(), PartDecoder.Options(description)),
        _ => null,
    };
}
