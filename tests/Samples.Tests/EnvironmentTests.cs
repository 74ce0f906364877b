using System.Numerics;
using MoSar.Graphics;
using MoSar.Testing;

namespace MoSar.Samples.Tests;

/// <summary>samples/environments holds what the code makes, made again by: dotnet run --project samples/generator -- environments samples/environments.</summary>
public sealed class EnvironmentTests
{
    public static TheoryData<string> Names => [.. ProceduralEnvironments.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheFileIsWhatTheCodeMakes(string name)
    {
        var made = ProceduralEnvironments.Make(name).Pixels;
        var read = ImageFile.Read(Repository.Folder("samples", "environments", name + ".hdr"));
        Assert.Equal((made.Width, made.Height), (read.Width, read.Height));
        for (var i = 0; i < made.Width * made.Height; i++)
        {
            // Radiance HDR shares one exponent among the three channels: 1/128 of the brightest.
            var (a, b) = (made.Rgb(i % made.Width, i / made.Width), read.Rgb(i % made.Width, i / made.Width));
            var worst = Vector3.Abs(a - b);
            Assert.InRange(MathF.Max(worst.X, MathF.Max(worst.Y, worst.Z)), 0, (MathF.Max(a.X, MathF.Max(a.Y, a.Z)) / 100) + 1e-6f);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ExposureIsOneWhateverTheHeading(string name)
    {
        var map = ProceduralEnvironments.Make(name);
        foreach (var yaw in (float[])[0, 1.3f])
        {
            var light = map.Turned(yaw).ToSphericalHarmonics(2);
            var mean = Enumerable.Range(0, 32).Select(i => MathF.SinCos(i * MathF.Tau / 32))
                .Average(d => Vector3.Dot(SphericalHarmonics.Irradiance(light, new Vector3(d.Sin, 0, d.Cos)), new Vector3(0.2126f, 0.7152f, 0.0722f)) / MathF.PI);
            Assert.InRange(mean, 0.98f, 1.02f);
        }
    }

    [Fact]
    public void AnUnknownNameListsTheKnownOnes()
    {
        var error = Assert.Throws<MoSarException>(() => ProceduralEnvironments.Make("stduio"));
        Assert.Equal("environment-unknown", error.Code);
        Assert.Contains("studio", error.Remedy, StringComparison.Ordinal);
    }
}
