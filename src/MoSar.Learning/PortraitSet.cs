using System.Globalization;

namespace MoSar.Learning;

/// <summary>One picture of the portrait collection.</summary>
/// <param name="Collection"><c>london</c>, <c>canada</c>, <c>lisa</c>, <c>zoom</c> or <c>misc</c>.</param>
/// <param name="Person">Numeric id within the collection; 0 where the file's name has none.</param>
/// <param name="ImagePath">The picture.</param>
/// <param name="TemPath">Its hand-placed points, or null.</param>
/// <param name="HeldOut">True when nothing may be trained on this person.</param>
public sealed record Portrait(string Collection, int Person, string ImagePath, string? TemPath, bool HeldOut)
{
    /// <summary>File name without extension.</summary>
    public string Name => Path.GetFileNameWithoutExtension(ImagePath);
}

/// <summary>The portrait folder with its split by person. One rule for everything that learns: in each of London and Canada, the
/// people that have points are sorted by number, and every fifth (index mod 5 = 4) is held out with all of their pictures.</summary>
public static class PortraitSet
{
    private static readonly string[] PictureExtensions = [".jpg", ".jpeg", ".png"];

    /// <summary>All pictures below a folder that has london/, canada/, … in it, ordered by path.</summary>
    /// <exception cref="MoSarException">The folder is missing or holds no pictures.</exception>
    public static IReadOnlyList<Portrait> Load(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new MoSarException("portraits-missing", $"No portrait folder '{folder}'.", "Pass the folder that holds london/ and canada/.");
        }

        var pictures = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(p => PictureExtensions.Contains(Path.GetExtension(p), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .Select(p => Describe(folder, p))
            .ToList();
        if (pictures.Count == 0)
        {
            throw new MoSarException("portraits-missing", $"No pictures below '{folder}'.", "Pass the folder that holds london/ and canada/.");
        }

        var heldOut = pictures
            .Where(p => p.TemPath is not null && p.Collection is "london" or "canada")
            .GroupBy(p => p.Collection)
            .SelectMany(g => g.Select(p => p.Person).Distinct().Order().Where((_, i) => i % 5 == 4).Select(id => (g.Key, id)))
            .ToHashSet();
        return [.. pictures.Select(p => p with { HeldOut = heldOut.Contains((p.Collection, p.Person)) })];
    }

    private static Portrait Describe(string folder, string path)
    {
        var collection = Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar)[0];
        var digits = string.Concat(Path.GetFileName(path).TakeWhile(char.IsAsciiDigit));
        var person = digits.Length is > 0 and < 9 ? int.Parse(digits, CultureInfo.InvariantCulture) : 0;
        var tem = Path.ChangeExtension(path, ".tem");
        return new Portrait(collection, person, path, File.Exists(tem) ? tem : null, HeldOut: false);
    }
}
