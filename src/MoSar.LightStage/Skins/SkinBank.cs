using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using MoSar.Graphics;

namespace MoSar.LightStage.Skins;

/// <summary>
/// Fine skin of real people, for skins that are made new by recombining it part by part. It keeps recognisable pieces of photographs and
/// therefore never ships: <c>mosar data skins</c> makes it from portraits that somebody has.
/// </summary>
public sealed class SkinBank
{
    public const string Schema = "mosar/skin-bank/1", FileName = "skins.json";

    // Each part of a new face is another person's; the rest of the face is the cheeks'.
    private static readonly string[][] Parts = [["cheeks"], ["brows"], ["eyelids"], ["nose"], ["lips"], ["chin", "stubble"], ["forehead"]];

    // Features suit skin of a like tone: donors are drawn from so many neighbours by ITA°.
    private const int Neighbours = 14;

    // A photograph's fine differences of hue are half its compression's and its light's; of lips they are lipstick's and stay.
    private const float KeptHue = 0.5f;

    private readonly SkinDonor[] _donors;

    /// <param name="donors">All of one size.</param>
    public SkinBank(IEnumerable<SkinDonor> donors) => _donors = [.. donors.OrderBy(d => d.Ita).ThenBy(d => d.Name, StringComparer.Ordinal)];

    public IReadOnlyList<SkinDonor> Donors => _donors;

    /// <exception cref="MoSarException">No bank, another template's, or damaged.</exception>
    public static SkinBank Load(string folder, FaceTemplate template)
    {
        var file = Path.Combine(folder, FileName);
        if (!File.Exists(file))
        {
            throw new MoSarException("skins-missing", $"'{folder}' is no bank of skins: it has no {FileName}.", "Make one: `mosar data skins --portraits DIR --out BANK`.");
        }

        try
        {
            var root = JsonNode.Parse(File.ReadAllBytes(file))!;
            if ((string?)root["template"] != template.Id)
            {
                throw new MoSarException("skins-template", $"The skins in '{folder}' lie in the atlas of {root["template"]}; the face model has {template.Id}.", "Make the bank again.");
            }

            return new SkinBank(root["donors"]!.AsArray().Select(d => Read(folder, (string)d!["name"]!, (float)d["ita"]!)));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new MoSarException("skins-broken", $"'{file}' is not a bank's list: {e.Message}", "Make the bank again.", e);
        }
    }

    /// <summary>Writes the donors' pictures and, last, the list of them.</summary>
    public void Save(string folder, string template, string licence)
    {
        Directory.CreateDirectory(folder);
        foreach (var d in _donors)
        {
            ImageFile.WritePng(Path.Combine(folder, d.Name + ".detail.png"), Picture(d.Side, 3, i => d.Detail[i] / 255f), 8, ColourEncoding.Linear);
            ImageFile.WritePng(Path.Combine(folder, d.Name + ".relief.png"), Picture(d.Side, 1, i => d.Relief[i] / 65535f), 16, ColourEncoding.Linear);
            ImageFile.WritePng(Path.Combine(folder, d.Name + ".trust.png"), Picture(d.Side, 1, i => d.Trust[i] / 255f), 8, ColourEncoding.Linear);
        }

        var list = new JsonObject
        {
            ["schema"] = Schema,
            ["template"] = template,
            ["licence"] = licence,
            ["donors"] = new JsonArray([.. _donors.Select(d => new JsonObject { ["name"] = d.Name, ["ita"] = d.Ita })]),
        };
        AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, list, new JsonSerializerOptions { WriteIndented = true }));
    }

    /// <summary>A new skin's detail (logarithms), relief (mm) and how far it is known, by texel of the space.</summary>
    internal (Vector3[] Detail, float[] Relief, float[] Trust) Compose(SkinSpace space, SkinParameters skin)
    {
        var rng = new Rng(skin.Seed ^ 0xBA4Cu);
        var chosen = Parts.Select(part => (Weights: part.Select(space.Region).ToArray(), Donor: Choose(skin.Ita, ref rng), Mirror: rng.Next() < 0.5f)).ToArray();
        var (detail, relief, trust) = (new Vector3[space.Count], new float[space.Count], new float[space.Count]);
        var (face, lips) = (space.Region("face"), space.Region("lips"));
        var size = space.Atlas.Resolution;
        Parallel.For(0, (space.Count + 2047) / 2048, block =>
        {
            for (var k = block * 2048; k < Math.Min(space.Count, (block + 1) * 2048); k++)
            {
                if (face[k] < 0.02f)
                {
                    continue;
                }

                var texel = space.Atlas.Covered[k];
                var uv = new Vector2(((texel % size) + 0.5f) / size, ((texel / size) + 0.5f) / size);
                var total = 0f;
                for (var p = 0; p < chosen.Length; p++)
                {
                    var (weights, donor, mirror) = chosen[p];
                    var w = weights.Max(r => r[k]);
                    var weight = (w * w) + (p == 0 ? 0.02f : 0);
                    if (weight > 0.001f)
                    {
                        var (d, h, t) = donor.At(mirror ? uv with { X = 1 - uv.X } : uv);
                        detail[k] += weight * t * d;
                        relief[k] += weight * t * h;
                        trust[k] += weight * t;
                        total += weight;
                    }
                }

                // What no donor knows stays smooth.
                var known = trust[k] / total;
                var grey = new Vector3((detail[k].X + detail[k].Y + detail[k].Z) / 3);
                detail[k] = Vector3.Lerp(grey, detail[k], float.Lerp(KeptHue, 1, lips[k])) * (face[k] / total);
                relief[k] *= face[k] / total;
                trust[k] = face[k] * known;
            }
        });
        return (detail, relief, trust);
    }

    private SkinDonor Choose(float ita, ref Rng rng)
    {
        var nearest = Array.FindIndex(_donors, d => d.Ita >= ita);
        nearest = nearest < 0 ? _donors.Length - 1 : nearest;
        var first = Math.Clamp(nearest - (Neighbours / 2), 0, Math.Max(0, _donors.Length - Neighbours));
        return _donors[first + (int)(rng.Next() * Math.Min(Neighbours, _donors.Length))];
    }

    private static SkinDonor Read(string folder, string name, float ita)
    {
        var detail = ImageFile.ReadData(Path.Combine(folder, name + ".detail.png"));
        var relief = ImageFile.ReadData(Path.Combine(folder, name + ".relief.png"));
        var trust = ImageFile.ReadData(Path.Combine(folder, name + ".trust.png"));
        return new SkinDonor(
            name,
            ita,
            detail.Width,
            [.. detail.Pixels.Select(v => (byte)MathF.Round(255 * v))],
            [.. relief.Pixels.Select(v => (ushort)MathF.Round(65535 * v))],
            [.. trust.Pixels.Select(v => (byte)MathF.Round(255 * v))]);
    }

    private static Image Picture(int side, int channels, Func<int, float> value)
    {
        var image = new Image(side, side, channels);
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = value(i);
        }

        return image;
    }
}
