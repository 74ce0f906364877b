using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.Detect.OpenCv;

public sealed record CascadeOptions
{
    [Description("The cascade file; empty: haarcascade_frontalface_alt2.xml of Debian's opencv-data.")]
    public string Cascade { get; init; } = "";

    [Description("Ratio between the sizes that are searched.")]
    [Range(1.01, 2.0)]
    public double ScaleStep { get; init; } = 1.1;

    [Description("How many overlapping hits make a face.")]
    [Range(1, 50)]
    public int Neighbours { get; init; } = 4;

    [Description("Smallest box that counts, as a part of the picture's shorter side.")]
    [Range(0.02, 1.0)]
    public double MinimumSize { get; init; } = 0.08;

    [Description("The picture is reduced to this many pixels on its longer side before the search.")]
    [Range(64, 4096)]
    public int SearchSide { get; init; } = 640;
}
