using System.Numerics;
using MoSar.Faces;

namespace MoSar.LightStage.Tests;

/// <summary>The model in samples/, loaded once.</summary>
internal static class ShippedModel
{
    private static readonly Lazy<FaceModel> Loaded = new(() => FaceModel.Load(Path.Combine(AppContext.BaseDirectory, "face.safetensors")));

    public static FaceModel Model => Loaded.Value;

    /// <summary>Maps of one colour.</summary>
    public static StageSkin PlainSkin(Vector3 albedo)
    {
        var diffuse = new Image(8, 8, 3);
        for (var i = 0; i < 64; i++)
        {
            albedo.CopyTo(diffuse.Pixels, 3 * i);
        }

        return new StageSkin(MapSet.Empty.With(new Map(WellKnownMaps.Diffuse, diffuse)));
    }
}
