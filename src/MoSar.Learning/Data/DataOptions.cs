using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.Learning.Data;

/// <summary>The keys of a manifest's <c>data:</c> beside <c>sources</c>.</summary>
public sealed record DataOptions
{
    [Range(16, 4096)]
    [Description("Side in pixels at which photographs, masks and their labels are delivered.")]
    public int Resolution { get; init; } = 256;

    [Range(16, 8192)]
    [Description("Side in texels at which maps are delivered.")]
    public int MapResolution { get; init; } = 512;

    [Range(4, 4096)]
    [Description("Rows at which panoramas are delivered; they are twice as wide.")]
    public int EnvironmentHeight { get; init; } = 128;

    [Description("The square that is cut out of a photograph: whole (its longer side), or face (around its landmarks).")]
    public SampleCrop Crop { get; init; } = SampleCrop.Whole;

    [Range(1.0, 2.0)]
    [Description("How much larger a square is kept for augmentation, so that a turned picture has no empty corners.")]
    public double Margin { get; init; } = 1;

    [Description("Go on without items that cannot be read; they are counted and named. Otherwise the first one stops the work.")]
    public bool SkipCorrupt { get; init; }

    public SplitOptions Split { get; init; } = new();

    public AugmentationOptions Augment { get; init; } = new();

    public CacheOptions Cache { get; init; } = new();

    public LoaderOptions Loader { get; init; } = new();
}

public enum SampleCrop
{
    /// <summary>The whole picture, centred in a square of its longer side; edges continue.</summary>
    Whole,

    /// <summary>The square that detectors give and the landmark network takes, from the sample's own landmarks.</summary>
    Face,
}

/// <summary>Shares of the subjects; training gets the rest.</summary>
public sealed record SplitOptions
{
    [Range(0, int.MaxValue)]
    [Description("Another seed puts other people into the shares. Not the run's seed: repeating a run with another one must not leak test people into training.")]
    public int Seed { get; init; } = 1;

    [Range(0.0, 0.9)]
    [Description("Share of the subjects to choose hyper-parameters by.")]
    public double Validation { get; init; } = 0.05;

    [Range(0.0, 0.9)]
    [Description("Share of the subjects to report errors on.")]
    public double Test { get; init; } = 0.05;

    [Description("Subjects that are test ones whatever the shares say, by name; '*' stands for anything.")]
    public IReadOnlyList<string> TestSubjects { get; init; } = [];
}

/// <summary>Section 4 of the paper: brightness, rotation, scale and flip; and where the crop lies. All 0: no augmentation.</summary>
public sealed record AugmentationOptions
{
    [Range(0.0, 2.0)]
    [Description("Photographs are made brighter or darker by up to this many stops.")]
    public double Brightness { get; init; }

    [Range(0.0, 180.0)]
    [Description("Turned by up to this many degrees either way.")]
    public double Rotation { get; init; }

    [Range(0.0, 0.5)]
    [Description("Enlarged or reduced by up to this part of their size.")]
    public double Scale { get; init; }

    [Range(0.0, 0.25)]
    [Description("Moved by up to this part of the side, across and down: a detector's crop of a face is not the true one.")]
    public double Shift { get; init; }

    [Range(0.0, 1.0)]
    [Description("Share of the samples that are mirrored.")]
    public double Flip { get; init; }
}

public sealed record CacheOptions
{
    [ManifestPath(MustExist = false)]
    [Description("Folder for decoded and resampled samples; made when it is not there. Nothing: no cache.")]
    public string? Folder { get; init; }

    [Range(0.001, 100_000.0)]
    [Description("Largest size of that folder in GB (10^9 bytes).")]
    public double Gigabytes { get; init; } = 20;
}

public sealed record LoaderOptions
{
    [Range(0, 256)]
    [Description("Threads that decode; 0: one a core. The order and the samples do not depend on it.")]
    public int Threads { get; init; }

    [Range(1, 4096)]
    [Description("Samples that are ready or in work at most.")]
    public int Queue { get; init; } = 32;
}
