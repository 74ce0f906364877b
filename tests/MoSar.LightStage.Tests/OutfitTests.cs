using MoSar.Faces;
using MoSar.LightStage.Subjects;

namespace MoSar.LightStage.Tests;

public sealed class OutfitTests
{
    /// <summary>Person 60 of seed 5 at a spread of 1.8: collars that hang far enough are below all of the bust.</summary>
    [Fact]
    public void A_shirt_fits_under_a_chin_far_down()
    {
        var subject = Subject.Draw(ShippedModel.Model, 5, 60, spread: 1.8f);
        var head = new Mesh(ShippedModel.Model.Template, subject.Shape.Neutral);
        using var outfit = Outfit.Draw(head, (int)(subject.Skin.Seed & 0xffffff), new OutfitOptions { Age = subject.Skin.Age, Bald = !subject.Skin.ScalpHair, Strands = 100 });
        Assert.Contains("shirt", outfit.Names);
    }
}
