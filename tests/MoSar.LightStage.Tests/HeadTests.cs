using System.Numerics;
using MoSar.Graphics;

namespace MoSar.LightStage.Tests;

public class HeadTests
{
    private const int Size = 72;

    [Fact]
    public void Labels_project_back_to_their_own_pixels_and_lie_on_the_mesh()
    {
        var model = ShippedModel.Model;
        var mesh = new Mesh(model.Template, model.Mean);
        using var head = new StageHead(mesh, ShippedModel.PlainSkin(new(0.5f)));
        var view = AvatarView.Portrait(mesh.Positions, Size, 25);
        var picture = StageRenderer.Render(new StageScene(head), Shapes.Constant(1), view.Camera, Size, Size);
        var buffer = MeshRenderer.Render(mesh, view.Camera, Size, Size, 1);
        var labelled = 0;
        for (var k = 0; k < buffer.Count; k++)
        {
            var (x, y) = (buffer.Samples[k] % Size, buffer.Samples[k] / Size);
            var position = picture.Position.Rgb(x, y);
            if (position == Vector3.Zero)
            {
                continue;
            }

            labelled++;
            Assert.InRange(Vector2.Distance(view.Camera.Project(position), new Vector2(x + 0.5f, y + 0.5f)), 0, 2e-3f);

            // The rasteriser of the pipeline is independent of the ray tracer.
            Assert.InRange(Vector3.Distance(position, buffer.Position[k]), 0, 0.05f);
            Assert.InRange(Vector2.Distance(new(picture.Uv[x, y, 0], picture.Uv[x, y, 1]), buffer.Uv[k]), 0, 1e-3f);
            Assert.InRange(Vector3.Dot(picture.Normal.Rgb(x, y), buffer.Normal[k]), 0.999f, 1.001f);
        }

        Assert.InRange(labelled, buffer.Count - 4, buffer.Count);
    }

    [Fact]
    public void An_occluder_covers_skin_but_not_the_labels_behind_it()
    {
        var model = ShippedModel.Model;
        using var head = new StageHead(new Mesh(model.Template, model.Mean), ShippedModel.PlainSkin(new(0.5f)));
        var nose = Vector3.Zero;
        foreach (var p in model.Mean)
        {
            nose = p.Z > nose.Z ? p : nose;
        }

        using var ball = Shapes.Sphere(nose + new Vector3(0, 0, 30), 12, new PropMaterial(new(0.2f)));
        var view = AvatarView.Portrait(model.Mean, Size);
        var plain = StageRenderer.Render(new StageScene(head), Shapes.Constant(1), view.Camera, Size, Size);
        var hidden = StageRenderer.Render(new StageScene(head, [ball]), Shapes.Constant(1), view.Camera, Size, Size);
        var at = view.Camera.Project(nose);
        var (x, y) = ((int)at.X, (int)at.Y);
        Assert.Equal(1, plain.Mask[x, y, 2]);
        Assert.Equal((1, 1, 0), (hidden.Mask[x, y, 0], hidden.Mask[x, y, 1], hidden.Mask[x, y, 2]));
        Assert.Equal(plain.Position.Pixels, hidden.Position.Pixels);
        Assert.Equal(plain.Uv.Pixels, hidden.Uv.Pixels);
    }

    [Fact]
    public void Eyes_look_along_the_template_and_are_round()
    {
        var model = ShippedModel.Model;
        var parts = HeadParts.Of(model.Template);
        Assert.Equal(2, parts.Eyes.Length);
        for (var e = 0; e < 2; e++)
        {
            var (centre, radius, gaze) = parts.Eyes[e].Fit(model.Mean);
            Assert.InRange(radius, 14, 17);
            Assert.InRange(Vector3.Distance(centre, model.EyeCentresMean[e]), 0, 1.5f);
            Assert.InRange(gaze.Z, 0.98f, 1);
        }
    }
}
