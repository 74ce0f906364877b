using System.CommandLine;
using MoSar.Cli.Commands;
using MoSar.Host.Runs;

namespace MoSar.Cli;

/// <summary>The <c>mosar</c> command.</summary>
internal static class Application
{
    /// <param name="args">Without the program's name.</param>
    /// <param name="workingFolder">What relative paths of the arguments are relative to.</param>
    /// <returns>An exit code of <see cref="ExitCodes"/>.</returns>
    public static int Run(string[] args, Terminal terminal, string workingFolder)
    {
        // Answered before the command line library is loaded: scripts ask this often.
        if (args is ["--version"])
        {
            terminal.Out.WriteLine($"mosar {typeof(Application).Assembly.GetName().Version!.ToString(3)} (contracts {ContractVersion.Current})");
            return ExitCodes.Ok;
        }

        var session = new Session(terminal, workingFolder);
        var root = new RootCommand("Turns one portrait photograph into a relightable, animatable head.\n\nExample:\n  mosar run samples/portraits/demo.png");
        foreach (var command in All(session))
        {
            root.Add(command);
        }

        var parsed = root.Parse(args);
        var configuration = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            // Runs handle signals themselves: they keep what is finished.
            ProcessTerminationTimeout = null,
        };
        if (parsed.Errors.Count == 0)
        {
            return parsed.Invoke(configuration);
        }

        if (!CommandLine.Explain(parsed, terminal.Error))
        {
            configuration.Output = terminal.Error;
            root.Parse([.. args, "--help"]).Invoke(configuration);
        }

        return ExitCodes.Usage;
    }

    /// <summary>One line a command; a new one is a class in Commands and a line here.</summary>
    private static IEnumerable<Command> All(Session session) =>
    [
        RunCommand.Create(session),
        RepeatCommand.Create(session),
        DoctorCommand.Create(session),
        TestCommand.Create(session),
        RelightCommand.Create(session),
        RetargetCommand.Create(session),
        ManifestCommand.Create(session),
        PluginsCommand.Create(session),
        TrainCommand.Create(session),
        ModelCommand.Create(session),
        EvalCommand.Create(session),
        DataCommand.Create(session),
    ];
}
