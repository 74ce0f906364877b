namespace MoSar;

/// <summary>
/// Measures a reconstruction against what is known of its photograph. Output: a finite number for each of <see cref="Columns"/>, in their order; the truth itself gives 0
/// where a column is an error. A pure function of its input and options, safe to call from many threads.
/// </summary>
/// <remarks>Throws <see cref="MoSarException"/> when the truth lacks what is measured against, or the estimate has another topology or is not finite.</remarks>
public interface IEvaluator : IStage<EvaluationInput, IReadOnlyList<double>>
{
    IReadOnlyList<EvaluationColumn> Columns { get; }
}

/// <param name="Truth">The photograph's labels.</param>
/// <param name="Estimate">What a pipeline made of the photograph; its mesh has the template of the truth's.</param>
public sealed record EvaluationInput(DatasetSample Truth, Reconstruction Estimate);

/// <summary>A column of a table of results.</summary>
/// <param name="Name">snake_case, unique within its evaluator.</param>
/// <param name="Unit">For example <c>mm</c>, <c>%</c>.</param>
/// <param name="LowerIsBetter">Of two rows, which is the better one.</param>
/// <param name="Description">One sentence.</param>
/// <param name="IsMain">What tables by group show, where there is no room for all columns.</param>
public sealed record EvaluationColumn(string Name, string Unit, bool LowerIsBetter, string Description, bool IsMain = false);
