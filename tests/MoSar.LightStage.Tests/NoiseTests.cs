using System.Numerics;

namespace MoSar.LightStage.Tests;

public class NoiseTests
{
    [Fact]
    public void Value_noise_is_continuous_and_bounded()
    {
        for (var i = 0; i < 1000; i++)
        {
            var p = new Vector3(0.37f * i, -0.11f * i, 0.05f * i);
            var here = Noise.Value(p, 3);
            Assert.InRange(here, -1, 1);
            Assert.InRange(MathF.Abs(Noise.Value(p + new Vector3(1e-3f), 3) - here), 0, 0.02f);
        }
    }
}
