using MoSar.Host.Manifests;

namespace MoSar.Host.Runs;

/// <summary>What to run. A run is a pure function of this and the files that it names.</summary>
public sealed record RunRequest
{
    /// <summary>Merged, not yet checked.</summary>
    public required ManifestTree Manifest { get; init; }

    /// <summary>The <c>--set</c> arguments that are merged in already; kept for the record.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    /// <summary>Folders with plugins; those of the manifest come on top.</summary>
    public required IReadOnlyList<string> PluginFolders { get; init; }

    public required InputList Inputs { get; init; }

    /// <summary>The run folder; absolute.</summary>
    public required string Out { get; init; }

    /// <summary>From 1 by size; null for the largest.</summary>
    public int? Face { get; init; }

    /// <summary>Replace avatars that are there.</summary>
    public bool Force { get; init; }

    /// <summary>Outcomes of an earlier, interrupted run of the same request that are taken over.</summary>
    public IReadOnlyList<PhotographRecord> Finished { get; init; } = [];
}

/// <param name="IsAbandoned">A stage did not stop when asked and still runs: the process must end without unloading anything.</param>
public sealed record RunResult(RunRecord Record, string Folder, bool IsAbandoned)
{
    public int ExitCode => Record.Status == RunStatus.Interrupted ? ExitCodes.Interrupted
        : Record.Photographs.Any(p => p.Outcome != Outcome.Ok) ? ExitCodes.SomeFailed
        : ExitCodes.Ok;
}

/// <summary>What the <c>mosar</c> command ends with.</summary>
public static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>At least one item of the work failed; the others are done.</summary>
    public const int SomeFailed = 1;

    /// <summary>The command line, the manifest, a plugin or weights are wrong; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>A fault of this program itself (sysexits.h, EX_SOFTWARE).</summary>
    public const int Bug = 70;

    /// <summary>Ctrl-C, as shells have it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
