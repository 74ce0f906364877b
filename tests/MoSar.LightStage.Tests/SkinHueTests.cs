using System.Numerics;
using MoSar.Faces;
using MoSar.LightStage.Skins;
using MoSar.Testing;

namespace MoSar.LightStage.Tests;

/// <summary>Random people of the albedo model are people: neither purple nor white.</summary>
public sealed class SkinHueTests
{
    private static readonly FaceModel Model = FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));

    [Fact]
    public void EverySubjectHasTheToneThatWasDrawnAndAPersonsHue()
    {
        for (var number = 0; number < 180; number += 5)
        {
            var skin = SkinParameters.Draw(1, number, Model.AlbedoCount);
            var mean = SkinBase.Mean(Model, SkinBase.Make(Model, skin));
            Assert.InRange(SkinTone.Ita(SkinTone.Exp(mean)) - skin.Ita, -0.5f, 0.5f);
            Assert.True(SkinTone.ToPeoplesHue(mean).Length() < 0.02f, $"subject {number}: {mean}");
        }
    }

    [Fact]
    public void HueWithinPeoplesRangeIsLeftAlone()
    {
        Assert.Equal(Vector3.Zero, SkinTone.ToPeoplesHue(new Vector3(-1 + 0.44f, -1, -1 - 0.18f)));
        Assert.True(SkinTone.ToPeoplesHue(new Vector3(0, -1, -0.6f)).X < -0.4f);
    }
}
