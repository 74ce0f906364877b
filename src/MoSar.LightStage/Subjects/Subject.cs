using MoSar.Faces;
using MoSar.LightStage.Skins;

namespace MoSar.LightStage.Subjects;

/// <summary>A person of the light stage before anything is made: numbers only.</summary>
/// <param name="Number">Of the run, from 0.</param>
/// <param name="Identity">Coefficients of the face model.</param>
/// <param name="Skin">How the skin looks.</param>
public sealed record Subject(int Number, IReadOnlyList<float> Identity, SkinParameters Skin)
{
    // A normal distribution's tails are no faces.
    private const float Extreme = 2.5f;

    /// <summary>The folder's name.</summary>
    public string Id => FormattableString.Invariant($"s{Number:00000}");

    /// <summary>The subject of a run that a seed and a number name, independent of all others.</summary>
    public static Subject Draw(FaceModel model, int seed, int number)
    {
        var rng = new Rng(unchecked(((uint)seed * 0xC2B2AE35u) ^ ((uint)number * 0x27D4EB2Fu)));
        var identity = new float[model.IdentityCount];
        for (var k = 0; k < identity.Length; k++)
        {
            identity[k] = Math.Clamp(rng.Normal(), -Extreme, Extreme);
        }

        return new Subject(number, identity, SkinParameters.Draw((uint)seed, number, model.AlbedoCount));
    }
}
