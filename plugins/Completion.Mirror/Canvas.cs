using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Completion;

/// <summary>The texture being completed: values as square roots, and which texels are settled.</summary>
internal sealed class Canvas
{
    public Canvas(AtlasRaster atlas, Image texture, Image visibility, float seenFrom)
    {
        Atlas = atlas;
        Roots = new Image(texture.Width, texture.Height, 3);
        Settled = new bool[texture.Width * texture.Height];
        atlas.ForCovered(CancellationToken.None, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var texel = atlas.Covered[k];
                if (visibility.Pixels[texel] >= seenFrom)
                {
                    Settled[texel] = true;
                    Vector3.SquareRoot(Vector3.Max(Vector3.Zero, new Vector3(texture.Pixels.AsSpan(3 * texel, 3)))).CopyTo(Roots.Pixels, 3 * texel);
                }
            }
        });
        Seen = Settled;
    }

    public AtlasRaster Atlas { get; }

    public int Size => Atlas.Resolution;

    /// <summary>Square roots of linear values; meaningful where settled.</summary>
    public Image Roots { get; }

    /// <summary>Texels that later layers leave alone.</summary>
    public bool[] Settled { get; private set; }

    /// <summary>The texels settled by the photograph itself.</summary>
    public bool[] Seen { get; private set; }

    public Vector3 Root(int texel) => new(Roots.Pixels.AsSpan(3 * texel, 3));

    /// <summary>Takes seen texels back.</summary>
    public void Reject(Func<int, bool> rejected)
    {
        Seen = Settled = [.. Settled.Select((seen, texel) => seen && !rejected(texel))];
    }

    /// <summary>Adds a layer's texels.</summary>
    public void Settle(bool[] more) => Settled = [.. Settled.Select((settled, texel) => settled || more[texel])];

    /// <summary>Back to linear values; what was seen is copied untouched; gutters repeat the nearest texel.</summary>
    public Image Finish(Image photograph)
    {
        var result = new Image(Size, Size, 3);
        Atlas.ForCovered(CancellationToken.None, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var texel = Atlas.Covered[k];
                var root = Vector3.Max(Root(texel), Vector3.Zero);
                (Seen[texel] ? new Vector3(photograph.Pixels.AsSpan(3 * texel, 3)) : root * root).CopyTo(result.Pixels, 3 * texel);
            }
        });
        Atlas.FillGutter(result);
        return result;
    }
}
