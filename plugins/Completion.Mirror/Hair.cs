namespace MoSar.Plugins.Completion;

/// <summary>Where the photograph shows hair of the head.</summary>
/// <param name="cells">1 hair, 0 skin, for each cell of <paramref name="tone"/>.</param>
/// <param name="size">Texels along the atlas.</param>
internal sealed class Hair(float[] cells, SkinTone tone, int size)
{
    public float At(int texel) => cells[tone.CellOf(texel, size)];
}
