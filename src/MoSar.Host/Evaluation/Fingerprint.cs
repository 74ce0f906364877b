using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using MoSar.Host.Composition;
using MoSar.Host.Manifests;
using MoSar.Host.Runs;

namespace MoSar.Host.Evaluation;

/// <summary>Texts that differ when a result may differ. Files count by their content, wherever they lie.</summary>
internal sealed class Fingerprint
{
    private readonly ConcurrentDictionary<string, Lazy<FileRecord>> files = new(StringComparer.Ordinal);

    /// <summary>The libraries that stages and evaluators compute with.</summary>
    private static string Libraries { get; } = string.Join(' ', new[] { typeof(Faces.FaceModel), typeof(Learning.LandmarkLoss), typeof(Graphics.AtomicFile), typeof(IEvaluator) }.Select(t => t.Module.ModuleVersionId));

    public static string Of(params IEnumerable<string> parts) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))))[..32];

    public FileRecord File(string path) => files.GetOrAdd(path, p => new Lazy<FileRecord>(() => FileHash.Of(p, p))).Value;

    /// <summary>What a manifest says of a stage.</summary>
    public string Choice(StageChoice choice)
    {
        var paths = OptionKey.Of(choice.Registration.Options).Where(k => k.PathRule is not null).Select(k => k.Key).ToHashSet();
        var options = OptionsWriter.Write(choice.Options).Where(o => !paths.Contains(o.Key)).Select(o => $"{o.Key}={PlainData.Inline(o.Value)}");
        var contents = OptionsBinder.Files(choice.Options).Select(f => $"{f.Key}={(System.IO.File.Exists(f.Path) ? File(f.Path).Sha256 : f.Path)}");
        return Of([choice.Path, choice.Registration.Id, .. options, .. contents]);
    }

    /// <summary>A stage as it was made: another build of its plugin may compute something else.</summary>
    public string Stage(StageChoice choice, object made) => Of(Choice(choice), made.GetType().Module.ModuleVersionId.ToString(), Libraries);
}
