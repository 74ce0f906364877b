using System.Numerics;

namespace MoSar.Graphics;

/// <summary>Many heads at a glance, from the front, in matt grey under grazing light.</summary>
public static class GrazingSheet
{
    /// <param name="heads">At least one; drawn row by row.</param>
    /// <param name="side">Of a head's square, in pixels.</param>
    /// <param name="columns">Heads a row, at most.</param>
    /// <returns>Linear display light.</returns>
    public static Image Draw(IReadOnlyList<Mesh> heads, int side, int columns, CancellationToken cancellation = default)
    {
        columns = Math.Min(columns, heads.Count);
        var sheet = new Image(columns * side, (heads.Count + columns - 1) / columns * side, 3);
        var grey = new Image(1, 1, 3);
        Array.Fill(grey.Pixels, 0.5f);
        var maps = MapSet.Empty.With(new Map(WellKnownMaps.Diffuse, grey));
        for (var k = 0; k < heads.Count; k++)
        {
            var (positions, template) = (heads[k].Positions, heads[k].Template);
            var renderer = new AvatarRenderer(new AvatarScene(positions, template.Triangles, template.Uvs, template.TriangleUvs, maps));
            var tile = renderer.RenderGrazing(AvatarView.Portrait(positions, side), cancellation);
            for (var y = 0; y < side; y++)
            {
                var to = ((((k / columns * side) + y) * sheet.Width) + (k % columns * side)) * 3;
                tile.Pixels.AsSpan(y * side * 3, side * 3).CopyTo(sheet.Pixels.AsSpan(to));
            }
        }

        return sheet;
    }
}
