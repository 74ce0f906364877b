using System.Numerics;
using MoSar.Faces.Source;

namespace MoSar.Faces.Building;

/// <summary>All that goes into a model file. V vertices of the template.</summary>
internal sealed record ModelParts
{
    public required TemplateLayout Layout { get; init; }

    public required SourceHead Source { get; init; }

    public required Vector3[] Mean { get; init; }

    public required Vector3[][] Identity { get; init; }

    public required (string Name, Vector3[] Offsets)[] Expressions { get; init; }

    public required Dictionary<string, float[]> Regions { get; init; }

    public required SurfacePoint[] Landmarks { get; init; }

    public required SurfacePoint[][] JawCandidates { get; init; }

    public required Vector3[] EyeCentres { get; init; }

    public required Vector3[] EyeCentresIdentity { get; init; }

    public required Vector3[] AlbedoMean { get; init; }

    public required Vector3[][] AlbedoModes { get; init; }

    public required MeshPyramid Pyramid { get; init; }

    public required MeshParts HeadParts { get; init; }
}
