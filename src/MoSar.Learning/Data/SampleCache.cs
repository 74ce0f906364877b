using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace MoSar.Learning.Data;

/// <param name="Hits">Samples that were there.</param>
/// <param name="Misses">Samples that were not.</param>
/// <param name="Remade">Entries that were there but damaged, and were made again; among the misses.</param>
/// <param name="Evicted">Entries that were removed for space.</param>
/// <param name="Refused">Samples that were not kept: everything in the cache is of this run, or the disk cannot be written.</param>
/// <param name="Failure">The first reason why the disk could not be written.</param>
public sealed record CacheCounts(int Hits, int Misses, int Remade, int Evicted, int Refused, string? Failure);

/// <summary>
/// Prepared samples on the disk, by the content of the files that they were made from and of everything else that decides them: an
/// edited file, option or plugin is another key, a moved folder is not. Files appear whole (written beside, then renamed), damage is
/// found by checksum and made good, and the folder stays below its size. Several processes may share one folder.
/// </summary>
/// <remarks>
/// When it is full, entries that this run has not touched go, the longest unused first. Entries of this run stay and further samples are not kept:
/// epochs visit all samples in turn, where throwing out the least recently used would throw out just what comes next.
/// </remarks>
public sealed class SampleCache
{
    private const string Extension = ".sample";

    private readonly string folder;
    private readonly long capacity;
    private readonly Lock gate = new();
    private readonly Dictionary<string, (long Size, long LastUse)> entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> ofThisRun = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (long Length, long Ticks, byte[] Hash)> contents = new(StringComparer.Ordinal);
    private long size;
    private int hits;
    private int misses;
    private int remade;
    private int evicted;
    private int refused;
    private string? failure;

    /// <param name="folder">Made when it is not there.</param>
    /// <param name="capacity">Bytes.</param>
    /// <exception cref="MoSarException"><c>cache-folder</c>: it cannot be made or read.</exception>
    public SampleCache(string folder, long capacity)
    {
        (this.folder, this.capacity) = (Path.GetFullPath(folder), capacity);
        try
        {
            Directory.CreateDirectory(this.folder);
            foreach (var file in new DirectoryInfo(this.folder).EnumerateFiles("*" + Extension, SearchOption.AllDirectories))
            {
                entries[Path.GetFileNameWithoutExtension(file.Name)] = (file.Length, file.LastWriteTimeUtc.Ticks);
                size += file.Length;
            }

            // What a killed process left half-written; an hour is longer than any write takes.
            foreach (var part in new DirectoryInfo(this.folder).EnumerateFiles("*.part", SearchOption.AllDirectories).Where(f => f.LastWriteTimeUtc < DateTime.UtcNow.AddHours(-1)))
            {
                part.Delete();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MoSarException("cache-folder", $"The cache folder '{folder}' cannot be used: {e.Message}", "Name another folder as data.cache.folder.", e);
        }

        MakeRoom(0);
    }

    /// <summary>Null when the manifest wants none.</summary>
    public static SampleCache? Open(CacheOptions options) => options.Folder is { Length: > 0 } folder ? new SampleCache(folder, (long)(options.Gigabytes * 1e9)) : null;

    public CacheCounts Counts
    {
        get
        {
            lock (gate)
            {
                return new CacheCounts(hits, misses, remade, evicted, refused, failure);
            }
        }
    }

    /// <summary>Bytes on the disk.</summary>
    public long Size
    {
        get
        {
            lock (gate)
            {
                return size;
            }
        }
    }

    /// <summary>The entry's prepared sample, from the disk or made and kept.</summary>
    /// <param name="make">Loads and prepares it.</param>
    public DatasetSample Get(DatasetEntry entry, DataOptions options, Func<DatasetSample> make)
    {
        if (Key(entry, options) is not { } key)
        {
            return make();
        }

        var path = PathOf(key);
        if (ReadAll(path) is { } bytes)
        {
            if (SampleFormat.Decode(bytes, entry.Source.Source.Template) is { } cached)
            {
                Touch(key, path, bytes.Length);
                return cached;
            }

            lock (gate)
            {
                remade++;
            }
        }

        var made = make();
        lock (gate)
        {
            misses++;
        }

        Keep(key, path, SampleFormat.Encode(made));
        return made;
    }

    /// <summary>SHA-256 of all that decides a prepared sample; null when a file cannot be read, which loading will explain.</summary>
    private string? Key(DatasetEntry entry, DataOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var item = entry.Item;
        string[] texts =
        [
            $"{SampleFormat.Version} {options.Resolution} {options.MapResolution} {options.EnvironmentHeight} {options.Crop} {options.Margin:R}", entry.Source.Recipe, item.Id, item.Subject,
        ];
        foreach (var text in texts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(text + "\0"));
        }

        if (item.Labels.Length > 0)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(item.Labels + "\0"));
        }

        foreach (var file in item.Files)
        {
            if (ContentHash(file) is not { } content)
            {
                return null;
            }

            // The name tells mask.png from a view's picture when both are the same bytes.
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file) + "\0"));
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Read once a process, and again when length or time of the file change.</summary>
    private byte[]? ContentHash(string file)
    {
        try
        {
            var info = new FileInfo(file);
            var (length, ticks) = (info.Length, info.LastWriteTimeUtc.Ticks);
            if (contents.TryGetValue(file, out var known) && known.Length == length && known.Ticks == ticks)
            {
                return known.Hash;
            }

            using var stream = File.OpenRead(file);
            var hash = SHA256.HashData(stream);
            contents[file] = (length, ticks, hash);
            return hash;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string PathOf(string key) => Path.Combine(folder, key[..2], key + Extension);

    private static byte[]? ReadAll(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllBytes(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process evicted it in this moment.
            return null;
        }
    }

    private void Touch(string key, string path, long length)
    {
        lock (gate)
        {
            hits++;
            if (!ofThisRun.Add(key))
            {
                return;
            }

            size += length - (entries.TryGetValue(key, out var known) ? known.Size : 0);
            entries[key] = (length, DateTime.UtcNow.Ticks);
        }

        try
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Only the order of eviction suffers.
        }
    }

    private void Keep(string key, string path, byte[] bytes)
    {
        lock (gate)
        {
            if (!MakeRoom(bytes.Length - (entries.TryGetValue(key, out var old) ? old.Size : 0)))
            {
                refused++;
                return;
            }

            size += bytes.Length - (entries.TryGetValue(key, out old) ? old.Size : 0);
            entries[key] = (bytes.Length, DateTime.UtcNow.Ticks);
            ofThisRun.Add(key);
        }

        var temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{Guid.NewGuid():N}.part");
        try
        {
            // Not flushed to the disk: what a power cut leaves of it, the checksum finds.
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Forget(key, temporary, e);
        }
    }

    private void Forget(string key, string temporary, Exception reason)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to report.
        }

        lock (gate)
        {
            refused++;
            failure ??= reason.Message;
            size -= entries.Remove(key, out var entry) ? entry.Size : 0;
            ofThisRun.Remove(key);
        }
    }

    /// <returns>False when there is not enough to remove.</returns>
    private bool MakeRoom(long further)
    {
        if (size + further <= capacity)
        {
            return true;
        }

        // A tenth more than needed, so that the next thousand samples do not each look for the oldest.
        var wanted = Math.Max(0, capacity - further - (capacity / 10));
        foreach (var (key, entry) in entries.Where(e => !ofThisRun.Contains(e.Key)).OrderBy(e => e.Value.LastUse).ThenBy(e => e.Key, StringComparer.Ordinal).ToArray())
        {
            if (size <= wanted)
            {
                break;
            }

            try
            {
                File.Delete(PathOf(key));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            entries.Remove(key);
            size -= entry.Size;
            evicted++;
        }

        return size + further <= capacity;
    }
}
