using System.Numerics;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MoSar.Graphics;

namespace MoSar.Learning.Data;

/// <summary>What was found once in one photograph.</summary>
/// <param name="Sha256">Of the photograph's file, hexadecimal: another content is another photograph.</param>
/// <param name="Width">Pixels, as it is shown (orientation applied).</param>
/// <param name="Height">Pixels.</param>
/// <param name="Faces">How many there are; the landmarks are those of the largest.</param>
/// <param name="Points">136 numbers, x and y of 68 points in pixels; null when there is no face, or the picture could not be read.</param>
/// <param name="Problem">Why there are none.</param>
public sealed record FoundLandmarks(string Sha256, int Width, int Height, int Faces, IReadOnlyList<float>? Points, string? Problem = null)
{
    /// <summary>True: it is no picture, or a broken one.</summary>
    [JsonIgnore]
    public bool IsUnread => Width == 0;

    /// <summary>All count as visible: a detector does not say which are hidden.</summary>
    [JsonIgnore]
    public SampleLandmarks? Landmarks => Points is null ? null
        : new SampleLandmarks([.. Enumerable.Range(0, Points.Count / 2).Select(i => new Vector2(Points[2 * i], Points[(2 * i) + 1]))], [.. Enumerable.Repeat(true, Points.Count / 2)]);

    /// <summary>SHA-256 of a file as <see cref="Sha256"/> has it.</summary>
    public static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}

/// <summary>
/// Landmarks of a folder of photographs without labels, in one JSON file: by default <see cref="FileName"/> in that folder. `mosar data landmarks`
/// writes it, <c>data.images</c> reads it.
/// </summary>
/// <param name="Detector">Which stages and weights found them: landmarks of two detectors are not mixed.</param>
/// <param name="Photographs">By path below the folder, with extension and '/'.</param>
public sealed record PhotographLandmarks(string Detector, IReadOnlyDictionary<string, FoundLandmarks> Photographs)
{
    public const string FileName = "landmarks.json";

    public const string Schema = "mosar/landmarks/1";

    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <exception cref="MoSarException"><c>landmarks-file</c>: it is none, or of another version.</exception>
    public static PhotographLandmarks Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var written = JsonSerializer.Deserialize<Written>(stream, Format);
            if (written is { Schema: Schema, Detector: { } detector, Photographs: { } photographs }
                && photographs.Values.All(p => p is { Sha256: not null } && (p.Points is null || (p.Points.Count == 2 * Landmarks.Count && p.Points.All(float.IsFinite)))))
            {
                return new PhotographLandmarks(detector, photographs);
            }

            throw Broken(path, $"its schema is '{written?.Schema}', or what it holds is not {Schema}", null);
        }
        catch (JsonException e)
        {
            throw Broken(path, e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MoSarException("landmarks-file", $"The landmarks '{path}' cannot be read: {e.Message}", "Correct 'landmarks', or make them with `mosar data landmarks FOLDER --out FILE`.", e);
        }
    }

    /// <summary>Whole or not at all.</summary>
    /// <exception cref="MoSarException">The folder is not writable, the disk is full.</exception>
    public void Write(string path) => AtomicFile.Write(
        path, stream => JsonSerializer.Serialize(stream, new Written(Schema, Detector, new SortedDictionary<string, FoundLandmarks>(Photographs.ToDictionary(), StringComparer.Ordinal)), Format));

    private static MoSarException Broken(string path, string why, Exception? inner) => new(
        "landmarks-file", $"'{path}' does not hold landmarks of photographs: {why}.", "Remove it and make it again with `mosar data landmarks FOLDER`.", inner);

    private sealed record Written(string? Schema, string? Detector, SortedDictionary<string, FoundLandmarks>? Photographs);
}
