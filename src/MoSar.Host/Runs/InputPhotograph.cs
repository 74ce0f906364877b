using MoSar.Host.Manifests;

namespace MoSar.Host.Runs;

/// <summary>A file to process and the name that its avatar will have.</summary>
/// <param name="Name">Unique in the run, ignoring case; a folder's name.</param>
/// <param name="Path">Absolute.</param>
public sealed record InputPhotograph(string Name, string Path);

/// <summary>What the arguments of a run stand for.</summary>
/// <param name="Photographs">In the order given, folders sorted by name.</param>
/// <param name="Notices">What a person might not expect: files passed over, names changed.</param>
public sealed record InputList(IReadOnlyList<InputPhotograph> Photographs, IReadOnlyList<string> Notices)
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".exr", ".hdr"];

    /// <summary>Names that a run folder itself uses.</summary>
    private static readonly string[] Taken = [RunRecord.FileName, RunRecord.ManifestFileName, RunRecord.LogFileName];

    /// <param name="arguments">Files, and folders whose pictures are taken (not those of folders in them).</param>
    /// <param name="workingFolder">What relative ones are relative to.</param>
    /// <exception cref="MoSarException"><c>no-photographs</c>: nothing to do; <c>file-missing</c>: none of the files is there.</exception>
    public static InputList Collect(IEnumerable<string> arguments, string workingFolder)
    {
        var notices = new List<string>();
        var paths = new List<string>();
        foreach (var argument in arguments)
        {
            var path = System.IO.Path.GetFullPath(argument, workingFolder);
            if (!Directory.Exists(path))
            {
                paths.Add(path);
                continue;
            }

            var files = Directory.EnumerateFiles(path).Where(f => !System.IO.Path.GetFileName(f).StartsWith('.')).Order(StringComparer.Ordinal).ToArray();
            var pictures = files.Where(IsPicture).ToArray();
            paths.AddRange(pictures);
            if (files.Length > pictures.Length)
            {
                notices.Add($"{argument}: {files.Length - pictures.Length} of {files.Length} files are not pictures by their names ({string.Join(", ", Extensions)}) and are left out");
            }
        }

        // One of many that is not there becomes its outcome; when nothing is there, nothing need be loaded to say so.
        if (paths.Count > 0 && paths.All(p => !File.Exists(p)))
        {
            throw Missing(paths);
        }

        foreach (var twice in paths.GroupBy(p => p).Where(g => g.Count() > 1))
        {
            notices.Add($"{twice.Key} is named {twice.Count()} times and is processed once");
        }

        var photographs = Name(paths.Distinct(), notices);
        return photographs.Count > 0
            ? new InputList(photographs, notices)
            : throw new MoSarException("no-photographs", "There is no photograph to process.", $"Name picture files, or folders that hold some ({string.Join(", ", Extensions)}).");
    }

    private static MoSarException Missing(List<string> paths)
    {
        var folder = System.IO.Path.GetDirectoryName(paths[0])!;
        var remedy = !Directory.Exists(folder) ? $"Check the name: the folder '{folder}' does not exist either."
            : NearestName.Find(System.IO.Path.GetFileName(paths[0]), Directory.EnumerateFiles(folder).Select(f => System.IO.Path.GetFileName(f))) is { } near ? $"Did you mean '{near}'?"
            : "Check the name.";
        return new MoSarException("file-missing", $"There is no file '{string.Join("', '", paths)}'.", remedy);
    }

    private static bool IsPicture(string path) => Extensions.Contains(System.IO.Path.GetExtension(path).ToLowerInvariant());

    private static List<InputPhotograph> Name(IEnumerable<string> paths, List<string> notices)
    {
        var used = new HashSet<string>(Taken, StringComparer.OrdinalIgnoreCase);
        var photographs = new List<InputPhotograph>();
        var all = paths.Select(p => (Path: p, Wanted: WantedName(p))).ToArray();

        // Names given by files come before names made up here, so that adding a file never renames another's avatar.
        var wanted = all.Select(a => a.Wanted).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, name) in all)
        {
            var unique = name;
            for (var n = 2; used.Contains(unique) || (unique != name && wanted.Contains(unique)); n++)
            {
                unique = $"{name}-{n}";
            }

            used.Add(unique);

            if (unique != name)
            {
                notices.Add($"{path}: the name '{name}' is taken, its avatar is '{unique}'");
            }

            photographs.Add(new InputPhotograph(unique, path));
        }

        return photographs;
    }

    private static string WantedName(string path)
    {
        // A leading dot would hide the avatar and could clash with work in progress.
        var name = System.IO.Path.GetFileNameWithoutExtension(path).TrimStart('.');
        return name.Length > 0 ? name : "photograph";
    }
}
