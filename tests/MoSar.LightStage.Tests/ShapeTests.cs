using System.Numerics;
using MoSar.LightStage.Shapes;
using MoSar.LightStage.Subjects;

namespace MoSar.LightStage.Tests;

public class ShapeTests
{
    [Fact]
    public void A_seed_is_a_person()
    {
        var (a, b) = (SubjectShape.Draw(ShippedModel.Model, 7), SubjectShape.Draw(ShippedModel.Model, 7));
        Assert.Equal(a.Neutral, b.Neutral);
        Assert.Equal(a.Parameters.All, b.Parameters.All);
        Assert.NotEqual(a.Neutral, SubjectShape.Draw(ShippedModel.Model, 8).Neutral);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public void Shapes_do_not_cross_themselves(int seed)
    {
        var shape = SubjectShape.Draw(ShippedModel.Model, seed);
        Assert.Equal(0, shape.Crossings);
        Assert.Empty(SelfCrossing.For(ShippedModel.Model).Find(shape.Neutral));
        Assert.All(shape.Neutral, p => Assert.True(float.IsFinite(p.LengthSquared())));
    }

    [Fact]
    public void Lips_rest_on_each_other()
    {
        // Most people's do; the model's own draws leave half of them 1 to 4 mm open.
        var closed = 0;
        for (var seed = 1; seed <= 40; seed++)
        {
            var shape = SubjectShape.Draw(ShippedModel.Model, seed);
            var marks = ShippedModel.Model.Template.LandmarksOn(shape.Neutral);
            var parted = 1.6f * MathF.Max(0, shape.Parameters["lip_parting"] - 0.8f);
            closed += parted == 0 ? 1 : 0;
            Assert.All(((int, int)[])[(61, 67), (62, 66), (63, 65)], pair => Assert.InRange(marks[pair.Item1].Y - marks[pair.Item2].Y, -2.5f, parted + 0.9f));
        }

        Assert.InRange(closed, 24, 38);
    }

    [Fact]
    public void A_crossing_is_found()
    {
        // The nose pushed through the back of the head.
        var positions = (Vector3[])ShippedModel.Model.Mean.Clone();
        var tip = Enumerable.Range(0, positions.Length).MaxBy(i => positions[i].Z);
        positions[tip].Z -= 400;
        Assert.NotEmpty(SelfCrossing.For(ShippedModel.Model).Find(positions));
        Assert.Empty(SelfCrossing.For(ShippedModel.Model).Find(ShippedModel.Model.Mean));
    }

    [Fact]
    public void Warps_widen_what_the_linear_model_gives_and_keep_eyes_round()
    {
        var model = ShippedModel.Model;
        var shape = SubjectShape.Draw(model, 5);
        var linear = model.Positions(shape.Identity, []);
        var moved = Enumerable.Range(0, linear.Length).Average(i => Vector3.Distance(linear[i], shape.Neutral[i]));
        Assert.InRange(moved, 0.8, 12);
        var parts = HeadParts.Of(model.Template);
        var eyes = model.Template.Regions["eyeballs"];
        for (var e = 0; e < 2; e++)
        {
            var (before, after) = (parts.Eyes[e].Fit(linear), parts.Eyes[e].Fit(shape.Neutral));
            Assert.InRange(after.Radius / before.Radius, 0.93f, 1.07f);
            for (var i = 0; i < linear.Length; i++)
            {
                // Each vertex of a ball keeps its place in it, and lids their distance from it.
                if (eyes[i] > 0.5f && Vector3.Distance(linear[i], before.Centre) < 1.3f * before.Radius)
                {
                    var (was, now) = (Vector3.Distance(linear[i], before.Centre) / before.Radius, Vector3.Distance(shape.Neutral[i], after.Centre) / after.Radius);
                    Assert.InRange(now - was, -0.02f, 0.02f);
                }
            }
        }
    }

    [Fact]
    public void Pressed_lips_do_not_run_through_each_other()
    {
        // As strongly as nobody asks for: it must be weakened, and what is told is what is shown.
        var (model, shape) = (ShippedModel.Model, SubjectShape.Draw(ShippedModel.Model, 2));
        var wanted = new Dictionary<string, float> { ["mouthPressLeft"] = 1, ["mouthPressRight"] = 1, ["mouthShrugLower"] = 1, ["eyeBlinkLeft"] = 0.2f };
        var full = new float[model.ExpressionCount];
        foreach (var (name, weight) in wanted)
        {
            full[model.ExpressionIndex(name)] = weight;
        }

        Assert.NotEmpty(SelfCrossing.For(model).Find(shape.WithExpression(full).Positions));
        var (mesh, expression) = Expressions.Act(model, shape, wanted);
        Assert.Empty(SelfCrossing.For(model).Find(mesh.Positions));
        var strength = expression.GetValueOrDefault("mouthPressLeft");
        Assert.InRange(strength, 0, 0.99f);
        for (var k = 0; k < full.Length; k++)
        {
            full[k] *= strength;
        }

        Assert.Equal(shape.WithExpression(full).Positions, mesh.Positions);
    }

    [Fact]
    public void Expressions_move_the_person_as_they_move_the_model()
    {
        var model = ShippedModel.Model;
        var shape = SubjectShape.Draw(model, 5);
        var expression = new float[model.ExpressionCount];
        var jaw = model.ExpressionIndex("jawOpen");
        expression[jaw] = 0.5f;
        var mesh = shape.WithExpression(expression);
        for (var i = 0; i < mesh.Positions.Length; i++)
        {
            Assert.InRange(Vector3.Distance(mesh.Positions[i] - shape.Neutral[i], 0.5f * model.Template.Expressions[jaw].Offsets[i]), 0, 1e-4f);
        }
    }

    [Fact]
    public void Age_and_weight_can_be_named_without_changing_the_person()
    {
        var (young, old) = (SubjectShape.Draw(ShippedModel.Model, 10, new ShapeOptions { Age = 20, Weight = 0 }), SubjectShape.Draw(ShippedModel.Model, 10, new ShapeOptions { Age = 78, Weight = 0 }));
        Assert.Equal(0, young.Parameters["sag"]);
        Assert.InRange(old.Parameters["sag"], 0.3f, 1.3f);
        Assert.Equal(young.Parameters["nose_length"], old.Parameters["nose_length"]);
    }

    [Fact]
    public void A_spread_makes_rarer_heads_of_the_same_people()
    {
        var factors = new List<float>();
        for (var seed = 0; seed < 12; seed++)
        {
            var (common, rare) = (SubjectShape.Draw(ShippedModel.Model, seed), SubjectShape.Draw(ShippedModel.Model, seed, new ShapeOptions { Spread = 1.8f }));
            Assert.Equal(0, rare.Crossings);
            if (common.Attenuations == 0 && rare.Attenuations == 0)
            {
                var factor = rare.Identity[0] / common.Identity[0];
                factors.Add(factor);
                Assert.All(rare.Identity.Zip(common.Identity), p => Assert.Equal(factor * p.Second, p.First, 1e-4f));
                Assert.Equal(factor * common.Parameters["nose_length"], rare.Parameters["nose_length"], 1e-4f);
                Assert.Equal(common.Parameters["age"], rare.Parameters["age"]);
            }
        }

        Assert.All(factors, f => Assert.InRange(f, 1, 1.8f));
        Assert.True(factors.Count > 3 && factors.Max() - factors.Min() > 0.2f, string.Join(", ", factors));
    }
}
