namespace MoSar.Plugins.Completion;

/// <summary>Where the photograph shows hair of the head, and where else there may be some.</summary>
/// <param name="cells">1 hair, 0 skin, for each cell of <paramref name="tone"/>.</param>
/// <param name="size">Texels along the atlas.</param>
/// <param name="temple">V: 1 above the ends of sideburns.</param>
internal sealed class Hair(float[] cells, SkinTone tone, int size, float[] temple)
{
    public float[] Temple => temple;

    public float At(int texel) => cells[tone.CellOf(texel, size)];
}
