namespace MoSar.Host.Manifests;

/// <summary>Manifests that are one record of options and no pipeline, such as a light stage's.</summary>
public static class ManifestOptions
{
    /// <param name="tree">As loaded, with <c>extends</c> and <c>--set</c> applied.</param>
    /// <param name="owner">For messages: "a light stage's manifest".</param>
    /// <exception cref="ManifestException">Every unknown key, wrong type and value out of range.</exception>
    public static T Bind<T>(ManifestTree tree, string owner)
        where T : class
    {
        var problems = new List<ManifestProblem>();
        var options = (T)new OptionsBinder(problems).Bind(tree.Root, typeof(T), owner);
        return problems.Count == 0 ? options : throw new ManifestException(problems);
    }
}
