using System.Runtime.InteropServices;

namespace MoSar.Host.Doctor;

/// <summary>Loads the project's native libraries for real and looks at which system libraries came with them.</summary>
internal static class NativeLibraries
{
    /// <summary>How the dynamic linker says what is wrong, among the places that it looked in vain.</summary>
    private static readonly string[] Reasons = ["cannot open", "undefined", "not found"];

    /// <param name="folder">Where the library lies.</param>
    /// <param name="library">File name of the project's library.</param>
    /// <param name="systemLibrary">Start of the file name of the system library that it stands on.</param>
    /// <param name="package">The Debian package of that.</param>
    public static Requirement Check(string name, string folder, string library, string systemLibrary, string package)
    {
        var path = Path.Combine(folder, library);
        if (!File.Exists(path))
        {
            return new Requirement(name, false, $"{library} is not built", $"apt-get install -y {package}, then start ./mosar again: it builds what is missing");
        }

        try
        {
            NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            var reason = e.Message.Split('\n').FirstOrDefault(l => Reasons.Any(r => l.Contains(r, StringComparison.Ordinal))) ?? e.Message;
            return new Requirement(name, false, reason.Trim(), $"apt-get install -y {package}");
        }

        var loaded = Loaded(systemLibrary);
        return loaded is not null ? new Requirement(name, true, loaded) : new Requirement(name, false, $"{library} does not use {systemLibrary}", $"apt-get install -y {package}, remove build/native and start ./mosar again");
    }

    /// <summary>Path of a library of this process, by the start of its file name; links followed.</summary>
    public static string? Loaded(string start) => File.ReadLines("/proc/self/maps")
        .Select(l => l[(l.LastIndexOf(' ') + 1)..])
        .FirstOrDefault(p => Path.GetFileName(p).StartsWith(start, StringComparison.Ordinal));
}
