using Spectre.Console;

namespace MoSar.Cli;

/// <summary>Where the command writes. The only door to the terminal, so that a test can stand in front of it.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Errors, notices and progress.</param>
/// <param name="IsInteractive">A person watches <paramref name="Error"/> on a terminal that can redraw lines.</param>
/// <param name="Width">Columns for tables.</param>
public sealed record Terminal(TextWriter Out, TextWriter Error, bool IsInteractive, int Width)
{
    public static Terminal OfProcess()
    {
        var interactive = !Console.IsErrorRedirected && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");
        return new Terminal(Console.Out, Console.Error, interactive, interactive ? Math.Max(60, Console.WindowWidth) : 160);
    }

    /// <summary>Spectre's view of standard output; loads the library, so only tables and progress bars ask for it.</summary>
    public IAnsiConsole Rich()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Out),
            Ansi = IsInteractive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = IsInteractive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = IsInteractive ? InteractionSupport.Yes : InteractionSupport.No,
        });
        console.Profile.Width = Width;
        return console;
    }
}
