using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MoSar.Host.Manifests;

namespace MoSar.Cli;

/// <summary>What is said about a command line that cannot be understood: what is wrong, the nearest name, where the help is.</summary>
internal static class CommandLine
{
    private static readonly Dictionary<Type, string> Kinds = new() { [typeof(int)] = "a whole number", [typeof(float)] = "a number" };

    /// <summary>Refuses numbers out of a range, and what is no number.</summary>
    public static Option<T> Between<T>(this Option<T> option, int minimum, int maximum)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }, ..]
                && !(int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum))
            {
                var range = maximum == int.MaxValue ? $"from {minimum}" : $"from {minimum} to {maximum}";
                result.AddError($"{option.Name} is a whole number {range}, not '{text}'.");
            }
        });
        return option;
    }

    /// <summary>What looks like an option and is none, with the nearest name.</summary>
    public static string NoOption(string written, Command command) => No("option", written, command.Options);

    /// <returns>False when only a command is missing, so that the help says more than a message would.</returns>
    public static bool Explain(ParseResult parsed, TextWriter error)
    {
        var result = parsed.CommandResult;
        var command = result.Command;
        // One that does something by itself, too, explains what it lacks.
        if (command.Subcommands.Count > 0 && command.Action is null)
        {
            if (parsed.UnmatchedTokens is not [var first, ..])
            {
                return false;
            }

            error.WriteLine($"error: {(first.StartsWith('-') ? NoOption(first, command) : No("command", first, command.Subcommands))}");
        }
        else
        {
            foreach (var message in Messages(parsed, command).Distinct())
            {
                error.WriteLine($"error: {message}");
            }
        }

        error.WriteLine($" = {string.Join(' ', Path(result))} --help shows what there is.");
        return true;
    }

    private static string No(string kind, string written, IEnumerable<Symbol> symbols)
    {
        var names = symbols.Select(s => s.Name).ToArray();
        return $"There is no {kind} '{written}'{(NearestName.Find(written, names) is { } near ? $"; did you mean '{near}'?" : $"; there are: {string.Join(", ", names)}.")}";
    }

    private static IEnumerable<string> Messages(ParseResult parsed, Command command)
    {
        foreach (var token in parsed.UnmatchedTokens)
        {
            yield return token.StartsWith('-') ? NoOption(token, command) : $"'{token}' is one argument too many.";
        }

        foreach (var e in parsed.Errors.Where(e => !parsed.UnmatchedTokens.Any(t => e.Message.Contains($"'{t}'", StringComparison.Ordinal))))
        {
            // The library's own words for a value of the wrong type name a .NET type.
            var isType = e.Message.Contains("as expected type", StringComparison.Ordinal);
            if (!isType)
            {
                yield return e.Message;
            }
            else if (e.SymbolResult is { Tokens: [{ Value: var text }, ..] } symbol && !symbol.Errors.Any(o => o.Message != e.Message))
            {
                var option = (symbol as OptionResult ?? symbol.Parent as OptionResult)?.Option;
                yield return $"{option?.Name ?? "an argument"} is {(option is not null && Kinds.TryGetValue(option.ValueType, out var kind) ? kind : "of another type")}, not '{text}'.";
            }
        }
    }

    private static IEnumerable<string> Path(CommandResult result)
    {
        var names = new List<string>();
        for (SymbolResult? at = result; at is not null; at = at.Parent)
        {
            if (at is CommandResult c)
            {
                names.Insert(0, c.Command is RootCommand ? "mosar" : c.Command.Name);
            }
        }

        return names;
    }
}
