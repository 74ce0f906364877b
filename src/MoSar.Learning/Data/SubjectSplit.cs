using System.IO.Enumeration;

namespace MoSar.Learning.Data;

/// <summary>
/// Divides people, never pictures, into training, validation and test: all pictures and maps of a person fall on one side, in every
/// source, whatever else is in the data. A pure function of the seed and the subject's name.
/// </summary>
public static class SubjectSplit
{
    public static DatasetSplit Of(string subject, SplitOptions options)
    {
        if (options.TestSubjects.Any(p => FileSystemName.MatchesSimpleExpression(p, subject, ignoreCase: false)))
        {
            return DatasetSplit.Test;
        }

        var x = Fraction(subject, options.Seed);
        return x < options.Test ? DatasetSplit.Test
            : x < options.Test + options.Validation ? DatasetSplit.Validation
            : DatasetSplit.Train;
    }

    /// <summary>Uniform in [0, 1) over subjects. A share that grows keeps everyone it had.</summary>
    public static double Fraction(string subject, int seed)
    {
        // FNV-1a over the characters; numbered names differ in few of its bits, which mixing mends.
        var hash = 14695981039346656037UL;
        foreach (var c in subject)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        return new SplitMix(SplitMix.Mix(hash ^ SplitMix.Mix((ulong)(uint)seed))).NextDouble();
    }
}
