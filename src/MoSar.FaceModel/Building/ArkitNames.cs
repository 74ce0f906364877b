using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>
/// ICT-FaceKit names its expressions as ARKit does but with _L and _R; browInnerUp and cheekPuff, single in ARKit, come as two sides.
/// Pupils and the older cheekRaiser are not among the 53.
/// </summary>
internal static class ArkitNames
{
    public static IEnumerable<(string Name, Vector3[] Offsets)> Kept(IEnumerable<(string Name, Vector3[] Offsets)> expressions) =>
        expressions.Where(e => !e.Name.StartsWith("PupilDilate", StringComparison.Ordinal) && !e.Name.StartsWith("cheekRaiser", StringComparison.Ordinal))
            .Select(e => (Of(e.Name), e.Offsets));

    public static string Of(string name) => name.EndsWith("_L", StringComparison.Ordinal) ? name[..^2] + "Left"
        : name.EndsWith("_R", StringComparison.Ordinal) ? name[..^2] + "Right"
        : name;
}
