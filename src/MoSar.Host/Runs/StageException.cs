namespace MoSar.Host.Runs;

/// <summary>A stage failed for one photograph.</summary>
internal sealed class StageException(string path, MoSarException failure) : Exception(failure.Message, failure)
{
    public string Stage => path;

    public FailureRecord ToRecord() => new(failure.Code, failure.Message, failure.Remedy, path);
}
