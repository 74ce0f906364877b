namespace MoSar.Host.Evaluation;

/// <param name="Done">Of <paramref name="Pairs"/>, measured by an earlier process.</param>
/// <param name="Pairs">Photographs times rows.</param>
public sealed record EvaluationStart(string Folder, int Subjects, int Photographs, int Rows, int Done, int Pairs);

/// <summary>What happens in an evaluation, for whoever shows it. Calls come one at a time.</summary>
public interface IEvaluationObserver
{
    void Started(EvaluationStart start);

    /// <param name="done">Photographs times rows.</param>
    /// <param name="left">Time until the end at the pace so far.</param>
    void Measured(PhotographResult result, int done, TimeSpan left);
}
