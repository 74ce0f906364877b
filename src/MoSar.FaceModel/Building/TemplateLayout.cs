using System.Numerics;

using MoSar.Faces.Source;

namespace MoSar.Faces.Building;

/// <summary>A template's connectivity, atlas and correspondence to a source, before any semantics. V vertices, T texture coordinates.</summary>
internal sealed record TemplateLayout
{
    public required string Id { get; init; }

    /// <summary>4 a face, counter-clockwise from outside, −1 pads a triangle.</summary>
    public required int[] Faces { get; init; }

    public required int[] FaceUvs { get; init; }

    public required Vector2[] Uvs { get; init; }

    public required int[] Mirror { get; init; }

    /// <summary>The part of every vertex.</summary>
    public required HeadPart[] Parts { get; init; }

    /// <summary>V rows over the source's vertices.</summary>
    public required SparseRows FromSource { get; init; }
}
