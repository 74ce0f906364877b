using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.LightStage.Skins;
using MoSar.Testing;

namespace MoSar.LightStage.Tests;

public sealed class SkinBankTests : IDisposable
{
    private static readonly FaceModel Model = FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));
    private static readonly SkinSpace Space = new(Model, 256);

    private readonly string _folder = Directory.CreateTempSubdirectory("mosar-bank-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WhatIsTakenApartComesTogetherAgain()
    {
        // Dark dots on even skin; the rest of the reflectance and its slow change are not detail.
        var donor = Donor("a", (p, _) => 0.4f + (0.001f * p.Y) - (Dot(p) ? 0.2f : 0), p => Dot(p) ? -0.1f : 0);
        var (detail, relief, trust) = new SkinBank([donor]).Compose(Space, new SkinParameters { Seed = 3, Ita = 40 });
        var (face, cheeks) = (Space.Region("face"), Space.Region("cheeks"));
        var inner = Enumerable.Range(0, Space.Count).Where(k => face[k] > 0.99f && cheeks[k] > 0.9f && trust[k] > 0.95f).ToArray();
        Assert.True(inner.Length > 500, $"{inner.Length} texels");
        Assert.Equal(0, inner.Average(k => detail[k].Y), 0.05f);

        // The donor or its mirror image.
        bool DotAt(int k, float side) => Dot(Space.Rest[k] with { X = side * Space.Rest[k].X });
        var contrast = new[] { 1f, -1f }.Max(side => inner.Where(k => !DotAt(k, side)).Average(k => detail[k].Y) - inner.Where(k => DotAt(k, side)).Average(k => detail[k].Y));
        Assert.InRange(contrast, 0.35f, 0.75f);
        Assert.InRange(inner.Min(k => relief[k]), -0.11f, -0.06f);
    }

    [Fact]
    public void WhatNoPhotographShowedIsNotTrusted()
    {
        var donor = Donor("a", (_, _) => 0.4f, _ => 0.2f, p => p.X > 0 ? 1 : 0);
        var (_, relief, trust) = new SkinBank([donor]).Compose(Space, new SkinParameters { Seed = 1 });
        Assert.Contains(trust, t => t > 0.9f);
        Assert.All(Enumerable.Range(0, Space.Count).Where(k => trust[k] == 0), k => Assert.Equal(0, relief[k], 1e-5f));
        Assert.InRange(trust.Count(t => t > 0.5f) / (float)Space.Region("face").Count(f => f > 0.5f), 0.25f, 0.75f);
    }

    [Fact]
    public void ABankIsReadAsItWasWrittenAndPartsComeFromSeveralPeople()
    {
        var people = Enumerable.Range(0, 6).Select(i => Donor($"p{i}", (_, c) => 0.1f + (0.12f * i) + (0.02f * c), _ => -0.2f + (0.08f * i))).ToArray();
        new SkinBank(people).Save(_folder, Model.Template.Id, "test");
        var bank = SkinBank.Load(_folder, Model.Template);
        Assert.Equal(people.Select(p => p.Name).Order(), bank.Donors.Select(d => d.Name).Order());
        Assert.All(people, p => Assert.Equal(p.Relief, bank.Donors.Single(d => d.Name == p.Name).Relief));
        Assert.All(people, p => Assert.Equal(p.Detail, bank.Donors.Single(d => d.Name == p.Name).Detail));

        // Reliefs are even and differ from person to person: how many levels a face has says how many people are in it.
        var (_, relief, trust) = bank.Compose(Space, new SkinParameters { Seed = 11, Ita = 30 });
        var levels = Enumerable.Range(0, Space.Count).Where(k => trust[k] > 0.98f).Select(k => MathF.Round(relief[k] * 50) / 50).GroupBy(v => v).Count(g => g.Count() > 40);
        Assert.True(levels >= 3, $"{levels} people in one face");
    }

    [Fact]
    public void SaysWhatIsWrong()
    {
        Assert.Equal("skins-missing", Assert.Throws<MoSarException>(() => SkinBank.Load(_folder, Model.Template)).Code);
        new SkinBank([Donor("a", (_, _) => 0.4f, _ => 0)]).Save(_folder, "another/1", "test");
        Assert.Equal("skins-template", Assert.Throws<MoSarException>(() => SkinBank.Load(_folder, Model.Template)).Code);
        File.WriteAllText(Path.Combine(_folder, SkinBank.FileName), "{\"template\": \"" + Model.Template.Id + "\"}");
        Assert.Equal("skins-broken", Assert.Throws<MoSarException>(() => SkinBank.Load(_folder, Model.Template)).Code);
    }

    private static bool Dot(Vector3 p) => Vector2.Distance(new(MathF.Abs(p.X) % 12, (p.Y + 1200) % 12), new(6, 6)) < 2.5f;

    private static SkinDonor Donor(string name, Func<Vector3, int, float> reflectance, Func<Vector3, float> relief, Func<Vector3, float>? visibility = null)
    {
        var diffuse = Space.Atlas.Scatter([.. Space.Rest.Select(p => new Vector3(reflectance(p, 0), reflectance(p, 1), reflectance(p, 2)))]);
        var displacement = Space.Atlas.Scatter([.. Space.Rest.Select(relief)]);
        var seen = Space.Atlas.Scatter([.. Space.Rest.Select(p => visibility?.Invoke(p) ?? 1)]);
        return SkinDonor.Of(name, diffuse, displacement, seen, Space);
    }
}
