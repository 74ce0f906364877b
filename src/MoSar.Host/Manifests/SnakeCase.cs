using System.Text;

namespace MoSar.Host.Manifests;

internal static class SnakeCase
{
    /// <summary>C#'s <c>LearningRate2d</c> is a manifest's <c>learning_rate2d</c>.</summary>
    public static string FromPascal(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            var startsWord = char.IsUpper(name[i]) && i > 0
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (startsWord)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}
