using System.Numerics;
using MoSar.LightStage.Skins;

namespace MoSar.LightStage.Tests;

public sealed class SkinToneTests
{
    /// <summary>Reference: scikit-image's rgb2lab of the same colours in sRGB.</summary>
    [Theory]
    [InlineData(0.539f, 0.305f, 0.223f, 42.779f)]
    [InlineData(0.1f, 0.055f, 0.04f, -63.396f)]
    [InlineData(0.3f, 0.17f, 0.12f, 4.462f)]
    [InlineData(0.7f, 0.55f, 0.47f, 72.679f)]
    public void TheAngleIsThatOfOtherPrograms(float r, float g, float b, float ita) => Assert.Equal(ita, SkinTone.Ita(new Vector3(r, g, b)), 0.15f);

    [Fact]
    public void MelaninLeadsToAnyAngle()
    {
        for (var ita = -60f; ita <= 65; ita += 5)
        {
            var light = new Vector3(0.55f, 0.34f, 0.26f);
            Assert.Equal(ita, SkinTone.Ita(SkinTone.With(light, SkinTone.MelaninFor(light, ita), 0)), 0.05f);
        }
    }

    [Fact]
    public void ClassesShareTheirBounds()
    {
        for (var k = 0; k < SkinTone.Classes.Count; k++)
        {
            Assert.Equal(k, SkinTone.ClassOf(SkinTone.Within(k, 0.001f)));
            Assert.Equal(k, SkinTone.ClassOf(SkinTone.Within(k, 0.999f)));
        }
    }

    [Fact]
    public void SubjectsAreSpreadEvenlyOverTheClasses()
    {
        var people = Enumerable.Range(0, 300).Select(i => SkinParameters.Draw(7, i, 30)).ToArray();
        Assert.All(people, p => Assert.Equal(p.ToneClass, SkinTone.ClassOf(p.Ita)));
        Assert.All(Enumerable.Range(0, 6), k => Assert.Equal(50, people.Count(p => p.ToneClass == k)));

        // No trait may be a class's own.
        foreach (var light in (bool[])[true, false])
        {
            var group = people.Where(p => p.ToneClass < 3 == light).ToArray();
            Assert.InRange(group.Average(p => p.Age), 40, 50);
            Assert.InRange(group.Count(p => p.Stubble > 0) / (float)group.Length, 0.3f, 0.55f);
        }
    }
}
