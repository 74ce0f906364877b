using MoSar.Faces;
using MoSar.LightStage.Shapes;
using MoSar.LightStage.Skins;

namespace MoSar.LightStage.Subjects;

/// <summary>A person of the light stage before maps and pictures are made.</summary>
/// <param name="Number">Of the run, from 0.</param>
/// <param name="Shape">The head; as old as the skin.</param>
/// <param name="Skin">How the skin looks.</param>
public sealed record Subject(int Number, SubjectShape Shape, SkinParameters Skin)
{
    /// <summary>The folder's name.</summary>
    public string Id => FormattableString.Invariant($"s{Number:00000}");

    /// <summary>The middle of the face's reflectance: for skin that no map describes, such as hands.</summary>
    internal static System.Numerics.Vector3 Shade(MapSet maps)
    {
        var diffuse = maps[WellKnownMaps.Diffuse.Name].Pixels;
        return diffuse.Rgb(diffuse.Width / 3, (int)(0.46f * diffuse.Height));
    }

    /// <summary>The subject of a run that a seed and a number name, independent of all others.</summary>
    /// <param name="spread">As <see cref="ShapeOptions.Spread"/>.</param>
    public static Subject Draw(FaceModel model, int seed, int number, float spread = 1)
    {
        var skin = SkinParameters.Draw((uint)seed, number, model.AlbedoCount);
        return new Subject(number, SubjectShape.Draw(model, unchecked((seed * 1_000_003) + number), new ShapeOptions { Age = skin.Age, Spread = spread }), skin);
    }
}
