using System.Text.Json.Nodes;
using MoSar.Graphics;

namespace MoSar.StageSheets;

/// <summary>The people of a light stage, each in every one of its lights: a column a person, a row an environment.</summary>
internal static class SubjectSheet
{
    private const int Columns = 12;

    /// <param name="stage">A folder of <c>mosar data lightstage</c> with wild views.</param>
    /// <param name="size">Of each picture, pixels.</param>
    public static int Make(string stage, string file, int size)
    {
        var people = Directory.GetDirectories(Path.Combine(stage, "subjects"), "s*").Order(StringComparer.Ordinal).Select(Views).ToArray();
        var lights = people.SelectMany(p => p.Keys).Distinct().Order(StringComparer.Ordinal).ToArray();
        var bands = (people.Length + Columns - 1) / Columns;
        var sheet = new Image(size * Columns, size * bands * lights.Length, 3);
        for (var p = 0; p < people.Length; p++)
        {
            for (var l = 0; l < lights.Length; l++)
            {
                if (people[p].TryGetValue(lights[l], out var view))
                {
                    var tile = Resample.Area(ImageFile.ReadData(view), size, size);
                    Paste(tile, sheet, p % Columns * size, ((p / Columns * lights.Length) + l) * size);
                }
            }
        }

        ImageFile.WritePng(file, sheet, 8, ColourEncoding.Linear);
        Console.WriteLine($"{people.Length} people; rows, from the top of each band: {string.Join(", ", lights)}");
        return 0;
    }

    // The first picture in each light.
    private static Dictionary<string, string> Views(string subject)
    {
        var views = new Dictionary<string, string>();
        foreach (var file in Directory.GetFiles(Path.Combine(subject, "views"), "wild_*.json").Order(StringComparer.Ordinal))
        {
            var light = (string)JsonNode.Parse(File.ReadAllBytes(file))!["environment"]!["name"]!;
            views.TryAdd(light, Path.ChangeExtension(file, ".png"));
        }

        return views;
    }

    private static void Paste(Image tile, Image sheet, int x0, int y0)
    {
        for (var y = 0; y < tile.Height; y++)
        {
            tile.Pixels.AsSpan(y * tile.Width * 3, tile.Width * 3).CopyTo(sheet.Pixels.AsSpan((((y0 + y) * sheet.Width) + x0) * 3));
        }
    }
}
