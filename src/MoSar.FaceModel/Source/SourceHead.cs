using System.Numerics;

namespace MoSar.Faces.Source;

/// <summary>The parts of a source head that the builder treats differently.</summary>
public enum HeadPart : byte
{
    Skin,
    MouthSocket,
    EyeSocket,
    Gums,
    Teeth,
    EyeballLeft,
    EyeballRight,
}

/// <summary>
/// A morphable head as its makers publish it, in millimetres; only what the template takes from it. N vertices.
/// </summary>
public sealed record SourceHead
{
    /// <summary>Who made it, for the model card.</summary>
    public required string Origin { get; init; }

    /// <summary>SHA-256 of the files that it was read from, hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>N positions, millimetres.</summary>
    public required Vector3[] Positions { get; init; }

    /// <summary>4 vertex indices a face, counter-clockwise seen from outside; the last is −1 for a triangle.</summary>
    public required int[] Faces { get; init; }

    /// <summary>The part of every vertex; the sockets share the rim's vertices with the skin, which owns them.</summary>
    public required HeadPart[] Parts { get; init; }

    /// <summary>Identity modes: N offsets each, millimetres at one standard deviation.</summary>
    public required IReadOnlyList<Vector3[]> Identity { get; init; }

    /// <summary>Expressions by the source's names: N offsets each, millimetres at coefficient 1.</summary>
    public required IReadOnlyList<(string Name, Vector3[] Offsets)> Expressions { get; init; }

    /// <summary>68 vertex indices in Multi-PIE order.</summary>
    public required int[] Landmarks { get; init; }
}
