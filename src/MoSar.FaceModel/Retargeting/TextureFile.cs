using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Faces.Retargeting;

/// <summary>What the numbers of a texture are, which decides how they are carried.</summary>
public enum TextureKind
{
    /// <summary>Light or reflectance: decoded to linear light, carried, encoded as sRGB again (float files are linear as they are).</summary>
    Colour,

    /// <summary>Numbers that mean themselves: carried as they are.</summary>
    Data,

    /// <summary>Tangent-space unit vectors, +Y up (glTF, OpenGL): carried and turned into the other atlas's tangents.</summary>
    Normal,
}

/// <summary>A texture and how its file stores it, so that it is written as it was read.</summary>
/// <param name="Pixels">Square; linear light, numbers as stored, or unit vectors.</param>
/// <param name="Bits">8 or 16, or 16 or 32 when <paramref name="IsFloat"/>.</param>
public sealed record TextureFile(Image Pixels, TextureKind Kind, int Bits, bool IsFloat)
{
    private static readonly string[] DataNames = ["specular", "ambient_occlusion", "ao", "translucency", "thickness", "displacement", "height", "roughness", "mask"];

    /// <summary>With the dot: what is written is PNG for whole numbers and OpenEXR for floats.</summary>
    public string Extension => IsFloat ? ".exr" : ".png";

    /// <summary>
    /// By its name's ending, as the maps of this project and of FFHQ-UV-Intrinsics are called (<c>normal</c>; <c>specular</c>,
    /// <c>ambient_occlusion</c>, <c>translucency</c>, <c>displacement</c> …); else floats and grey pictures are data and all others colour.
    /// </summary>
    public static TextureKind KindOf(string path, StoredForm form)
    {
        var name = Path.GetFileNameWithoutExtension(path).ToLowerInvariant();
        return form.Channels >= 3 && (EndsWith(name, "normal") || EndsWith(name, "normals")) ? TextureKind.Normal
            : form.IsFloat || form.Channels < 3 || DataNames.Any(n => EndsWith(name, n)) ? TextureKind.Data
            : TextureKind.Colour;

        static bool EndsWith(string name, string word) => name.EndsWith(word, StringComparison.Ordinal) && (name.Length == word.Length || !char.IsLetterOrDigit(name[^(word.Length + 1)]));
    }

    /// <param name="kind">Null: <see cref="KindOf"/>.</param>
    /// <exception cref="MoSarException">As <see cref="ImageFile"/>; <c>map-shape</c> when it is not square; <c>retarget-kind</c> when it cannot be what it is said to be.</exception>
    public static TextureFile Read(string path, TextureKind? kind = null)
    {
        var form = ImageFile.Describe(path);
        var actual = kind ?? KindOf(path, form);
        if (form.Width != form.Height)
        {
            throw new MoSarException("map-shape", $"'{path}' is {form.Width}×{form.Height}; a texture is square.", "Export the texture again.");
        }

        if (actual == TextureKind.Normal && form.Channels < 3)
        {
            throw new MoSarException("retarget-kind", $"'{path}' has {form.Channels} channels; a normal map has three.", "Carry it with --kind data.");
        }

        var pixels = actual switch
        {
            TextureKind.Colour when form is { IsFloat: false, Channels: 3 } => ImageFile.Read(path),
            TextureKind.Colour when !form.IsFloat => Decoded(ImageFile.ReadData(path), form.HasAlpha),
            TextureKind.Normal => Vectors(ImageFile.ReadData(path), form.IsFloat),
            _ => ImageFile.ReadData(path),
        };
        return new TextureFile(pixels, actual, form.Bits, form.IsFloat);
    }

    /// <exception cref="MoSarException"><c>disk-full</c>, <c>file-not-writable</c>.</exception>
    public void Write(string path)
    {
        if (IsFloat)
        {
            ImageFile.WriteExr(path, Pixels, half: Bits == 16);
        }
        else if (Kind == TextureKind.Normal)
        {
            ImageFile.WritePng(path, Pixels, Bits, ColourEncoding.Linear, -1, 1);
        }
        else
        {
            ImageFile.WritePng(path, Pixels, Bits, Kind == TextureKind.Colour ? ColourEncoding.Srgb : ColourEncoding.Linear);
        }
    }

    /// <summary>How alike two textures of one kind are where the mask is 1: SSIM of what their files store.</summary>
    public double SimilarityTo(TextureFile other, ReadOnlySpan<float> mask)
    {
        var range = !IsFloat ? 1 : MathF.Max(1e-6f, Pixels.Pixels.Max() - Pixels.Pixels.Min());
        return StructuralSimilarity.Mean(Codes(), other.Codes(), range, mask);
    }

    private Image Codes()
    {
        if (IsFloat || Kind == TextureKind.Data)
        {
            return Pixels;
        }

        return new Image(Pixels.Width, Pixels.Height, Pixels.Channels, Array.ConvertAll(Pixels.Pixels, v => Kind == TextureKind.Normal ? (v * 0.5f) + 0.5f : Srgb.FromLinear(v)));
    }

    private static Image Decoded(Image stored, bool hasAlpha)
    {
        var (n, colours) = (stored.Channels, stored.Channels - (hasAlpha ? 1 : 0));
        for (var i = 0; i < stored.Pixels.Length; i++)
        {
            if (i % n < colours)
            {
                stored.Pixels[i] = Srgb.ToLinear(stored.Pixels[i]);
            }
        }

        return stored;
    }

    private static Image Vectors(Image stored, bool isFloat)
    {
        var result = new Image(stored.Width, stored.Height, 3);
        for (var i = 0; i < stored.Width * stored.Height; i++)
        {
            var n = new Vector3(stored.Pixels.AsSpan(i * stored.Channels, 3));
            n = isFloat ? n : (2 * n) - Vector3.One;
            (n.LengthSquared() > 1e-8f ? Vector3.Normalize(n) : Vector3.UnitZ).CopyTo(result.Pixels, 3 * i);
        }

        return result;
    }
}
