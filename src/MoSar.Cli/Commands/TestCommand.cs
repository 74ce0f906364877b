using System.CommandLine;
using System.Text.Json.Nodes;
using MoSar.Cli.Testing;
using MoSar.Host;
using MoSar.Host.Runs;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar test</c>: every test project, with one sum at the end.</summary>
internal static class TestCommand
{
    public static Command Create(Session session)
    {
        var filter = new Argument<string[]>("PROJECT") { Description = "Parts of names of test projects; default: all.", Arity = ArgumentArity.ZeroOrMore };
        var parallel = new Option<int>("--parallel") { Description = "Test projects at a time.", DefaultValueFactory = _ => 2, HelpName = "N" }.Between(1, 1024);
        var command = new Command(
            "test",
            """
            Runs every test project (the launcher builds them first). The last line is "N passed, N failed"; ends with 1 when one failed.

            Example:
              mosar test
              mosar test Host Graphics
            """)
        {
            filter, parallel, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            using var signals = new Signals();
            var wanted = parsed.GetValue(filter) ?? [];
            var projects = TestProject.Find(Installation.Root).Where(p => wanted.Length == 0 || wanted.Any(w => p.Name.Contains(w, StringComparison.OrdinalIgnoreCase))).ToArray();
            if (projects.Length == 0)
            {
                throw new MoSarException("no-tests", "There is no such test project.", $"There are: {string.Join(", ", TestProject.Find(Installation.Root).Select(p => p.Name))}.");
            }

            var json = parsed.GetValue(session.Json);
            var outcomes = RunAll(session, projects, Math.Max(1, parsed.GetValue(parallel)), json, signals.Token);
            var passed = outcomes.Sum(o => o.Passed);
            var failed = outcomes.Sum(o => o.Failed);
            if (json)
            {
                session.WriteJson(new JsonObject
                {
                    ["passed"] = passed,
                    ["failed"] = failed,
                    ["projects"] = new JsonArray([.. outcomes.Select(o => new JsonObject { ["name"] = o.Project, ["passed"] = o.Passed, ["failed"] = o.Failed, ["seconds"] = Math.Round(o.Seconds, 1) })]),
                });
            }
            else
            {
                session.Terminal.Out.WriteLine($"{passed} passed, {failed} failed");
            }

            return signals.Token.IsCancellationRequested ? ExitCodes.Interrupted : failed == 0 ? ExitCodes.Ok : ExitCodes.SomeFailed;
        }));
        return command;
    }

    private static List<TestOutcome> RunAll(Session session, TestProject[] projects, int parallel, bool json, CancellationToken cancellation)
    {
        var outcomes = new List<TestOutcome>();
        Parallel.ForEach(projects, new ParallelOptions { MaxDegreeOfParallelism = parallel }, project =>
        {
            if (cancellation.IsCancellationRequested)
            {
                return;
            }

            var outcome = project.Run(cancellation);
            lock (outcomes)
            {
                outcomes.Add(outcome);
                if (!json)
                {
                    session.Terminal.Out.WriteLine(string.Create(
                        System.Globalization.CultureInfo.InvariantCulture, $"{outcome.Project}: {outcome.Passed} passed, {outcome.Failed} failed ({outcome.Seconds:F1} s)"));
                    foreach (var failure in outcome.Failures)
                    {
                        session.Terminal.Out.WriteLine($"  {failure.ReplaceLineEndings("\n    ")}");
                    }
                }
            }
        });
        return outcomes;
    }
}
