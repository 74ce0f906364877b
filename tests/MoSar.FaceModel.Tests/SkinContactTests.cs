using System.Numerics;
using MoSar.Faces.Evaluation;

namespace MoSar.Faces.Tests;

/// <summary>Lips that run through each other part, and nothing else happens.</summary>
public sealed class SkinContactTests
{
    private static readonly FaceModel s_model = ShippedModel.Model;
    private static readonly SkinContact s_contact = SkinContact.For(s_model);
    private static readonly HeadArtefacts s_artefacts = new(s_model);

    [Fact]
    public void PressedLipsRestOnEachOther()
    {
        var pressed = Expression(("mouthClose", 0.1f), ("mouthPressLeft", 0.2f), ("mouthPressRight", 0.2f), ("browInnerUpLeft", 0.7f));
        var before = s_model.Expressed(s_model.Mean, pressed);
        Assert.InRange(Crossing(before), 20, 1000);

        var (neutral, modes, relieved) = s_contact.Relieve(s_model.Mean, pressed);
        var after = s_model.Expressed(neutral, relieved);
        Assert.Equal(0, Crossing(after));
        Assert.All(modes, m => Assert.Equal(0, m));
        Assert.All(relieved, d => Assert.InRange(d, 0, 1));
        Assert.Equal(0.7f, relieved[s_model.ExpressionIndex("browInnerUpLeft")], 0.02f);
        Assert.InRange(before.Zip(after, Vector3.Distance).Max(), 0.1f, 6f);
    }

    /// <summary>Half of all linear heads have lips that cross at rest.</summary>
    [Fact]
    public void HeadsAtRestAndActingCrossNowhere()
    {
        var random = new Random(5);
        var (resting, acting) = (0, 0);
        for (var i = 0; i < 20; i++)
        {
            var head = s_model.Positions([.. Enumerable.Range(0, 40).Select(_ => (float)((random.NextDouble() * 2) - 1))], []);
            var expression = Expression([.. Enumerable.Range(0, 3).Select(_ => (s_model.Template.Expressions[random.Next(s_model.ExpressionCount)].Name, (float)random.NextDouble() * 0.4f))]);
            resting += Crossing(head) > 0 ? 1 : 0;
            acting += Crossing(s_model.Expressed(head, expression)) > 0 ? 1 : 0;
            var (neutral, modes, relieved) = s_contact.Relieve(head, expression);
            Assert.Equal(0, Crossing(neutral));
            Assert.Equal(0, Crossing(s_model.Expressed(neutral, relieved)));

            // What it says is what it made.
            var moved = s_model.Positions(modes, []);
            Assert.All(Enumerable.Range(0, head.Length), v => Assert.True(Vector3.Distance(head[v] + moved[v] - s_model.Mean[v], neutral[v]) < 1e-3f));
            Assert.InRange(head.Zip(neutral, Vector3.Distance).Average(), 0, 0.5f);
        }

        Assert.True(resting >= 3 && acting >= 5, $"{resting} crossed at rest, {acting} acting: too few to show anything");
    }

    /// <summary>Wild heads have slivers at the mouth's corners that look backwards; four that do, and none is left.</summary>
    [Fact]
    public void NothingLooksBackwardsAtRest()
    {
        var random = new Random(6);
        var (turned, worst) = (0, 0f);
        for (var i = 0; i < 400 && turned < 4; i++)
        {
            var head = s_model.Positions([.. Enumerable.Range(0, 60).Select(_ => (float)((random.NextDouble() * 3) - 1.5))], []);
            if (s_artefacts.Count(head) is { Flipped: > 0, Crossing: < 20 })
            {
                turned++;
                var (neutral, _, _) = s_contact.Relieve(head, new float[s_model.ExpressionCount]);
                Assert.Equal(new ArtefactCounts(0, 0, 0, 0), s_artefacts.Count(neutral) with { Inside = 0 });
                worst = MathF.Max(worst, head.Zip(neutral, Vector3.Distance).Max());
            }
        }

        Assert.Equal(4, turned);
        Assert.InRange(worst, 0.01f, 4f);
    }

    [Fact]
    public void WhatCrossesNowhereStays()
    {
        var smile = Expression(("mouthSmileLeft", 0.4f), ("mouthSmileRight", 0.4f), ("jawOpen", 0.3f));
        var (neutral, _, relieved) = s_contact.Relieve(s_model.Mean, smile);
        Assert.Equal(s_model.Mean, neutral);
        Assert.Equal(smile, relieved);
    }

    private static int Crossing(Vector3[] positions) => s_artefacts.Count(positions).Crossing;

    private static float[] Expression(params (string Name, float Weight)[] weights)
    {
        var result = new float[s_model.ExpressionCount];
        foreach (var (name, weight) in weights)
        {
            result[s_model.ExpressionIndex(name)] = weight;
        }

        return result;
    }
}
