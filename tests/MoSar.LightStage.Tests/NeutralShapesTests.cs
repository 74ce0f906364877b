using MoSar.LightStage.Subjects;

namespace MoSar.LightStage.Tests;

public sealed class NeutralShapesTests
{
    [Fact]
    public void They_are_the_heads_of_the_runs_people()
    {
        var shapes = new NeutralShapes(ShippedModel.Model, 7);
        Assert.Equal(Subject.Draw(ShippedModel.Model, 7, 3).Shape.Neutral, shapes.Of(3));
        Assert.NotEqual(shapes.Of(3), shapes.Of(4));
        Assert.NotEqual(shapes.Of(3), new NeutralShapes(ShippedModel.Model, 8).Of(3));
    }
}
