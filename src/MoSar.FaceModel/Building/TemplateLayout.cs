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

    /// <summary>V weights: which vertices make up the ears.</summary>
    public required float[] Ears { get; init; }

    /// <summary>V offsets, millimetres, that the neutral head needs over the source's: they close the lips.</summary>
    public required Vector3[] NeutralOffsets { get; init; }

    /// <summary>Carries positions and offsets from the source to the V vertices.</summary>
    public required Correspondence FromSource { get; init; }
}
