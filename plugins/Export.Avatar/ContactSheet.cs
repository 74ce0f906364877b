using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Export;

/// <summary>preview.png: the photograph, the mesh drawn over it and the bare geometry, all through the same camera; below, the head under three environments.</summary>
internal static class ContactSheet
{
    private static readonly Vector3 Paper = new(0.0122f, 0.0130f, 0.0152f);
    private static readonly Vector3 Ink = new(0.46f, 0.47f, 0.50f);

    // From where each of the three heads is looked at: degrees towards the person's left.
    private static readonly float[] Azimuths = [-24, 0, 24];

    public static Image Draw(ExportInput input, IReadOnlyList<string> names, IReadOnlyList<EnvironmentMap> environments, int width, CancellationToken cancellation)
    {
        var unit = width / 100f;
        var (margin, gap, label) = ((int)(2.2f * unit), (int)(0.9f * unit), (int)(3.0f * unit));
        var panel = (width - (2 * margin) - (2 * gap)) / 3;
        var sheet = Filled(width, (2 * margin) + (2 * panel) + (2 * label) - (int)(0.6f * unit));

        var reconstruction = input.Reconstruction;
        var template = reconstruction.Mesh.Template;
        var renderer = new AvatarRenderer(new AvatarScene(reconstruction.Mesh.Positions, template.Triangles, template.Uvs, template.TriangleUvs, input.Maps));
        var region = Region(input);
        var view = View(reconstruction.Camera, region, panel);
        var photograph = Crop(input.Photograph.Pixels, region, panel);

        void Place(int column, int row, Image picture, string text)
        {
            var x = margin + (column * (panel + gap));
            var y = margin + (row * (panel + label));
            for (var j = 0; j < panel; j++)
            {
                picture.Row(j).CopyTo(sheet.Row(y + j).Slice(x * 3, panel * 3));
            }

            Lettering.Draw(sheet, text, new Vector2(x + (0.1f * unit), y + panel + (1.6f * unit)), 0.62f * unit, Ink);
        }

        Place(0, 0, photograph, "input");
        Place(1, 0, MeshOverlay.Draw(photograph, view, reconstruction, input.Landmarks, region), "fitted mesh");
        Place(2, 0, renderer.RenderGeometry(view, cancellation), "geometry");
        for (var i = 0; i < 3; i++)
        {
            var portrait = AvatarView.Portrait(reconstruction.Mesh.Positions, panel, Azimuths[i]);
            Place(i, 1, renderer.Render(portrait, environments[i].Scaled(Exposure.Automatic(environments[i])), input.Shading, null, cancellation), names[i]);
        }

        return sheet;
    }

    /// <summary>A square of the photograph that holds the head, inside the picture where that is possible.</summary>
    private static (int X, int Y, int Size) Region(ExportInput input)
    {
        var (width, height) = (input.Photograph.Width, input.Photograph.Height);
        var size = Math.Clamp((int)(1.7f * input.Face.Crop.Size), 1, Math.Min(width, height));
        var x = (int)(input.Face.Crop.Centre.X - (size / 2f));
        var y = (int)(input.Face.Crop.Centre.Y - (0.52f * size));
        return (Math.Clamp(x, 0, width - size), Math.Clamp(y, 0, height - size), size);
    }

    private static AvatarView View(PinholeCamera camera, (int X, int Y, int Size) region, int panel)
    {
        var scale = panel / (double)region.Size;
        return new AvatarView(
            camera with { Fx = camera.Fx * scale, Fy = camera.Fy * scale, Cx = (camera.Cx - region.X) * scale, Cy = (camera.Cy - region.Y) * scale }, panel, panel);
    }

    private static Image Crop(Image photograph, (int X, int Y, int Size) region, int panel)
    {
        var cut = new Image(region.Size, region.Size, 3);
        for (var y = 0; y < region.Size; y++)
        {
            photograph.Row(region.Y + y).Slice(region.X * 3, region.Size * 3).CopyTo(cut.Row(y));
        }

        return region.Size >= panel ? Resample.Area(cut, panel, panel) : Resample.Bicubic(cut, panel, panel);
    }

    private static Image Filled(int width, int height)
    {
        var image = new Image(width, height, 3);
        for (var i = 0; i < width * height; i++)
        {
            Paper.CopyTo(image.Pixels.AsSpan(i * 3, 3));
        }

        return image;
    }
}
