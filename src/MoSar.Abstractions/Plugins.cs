namespace MoSar;

/// <summary>A plugin's entry point: the one public class that implements this registers the plugin's stages, explicitly.</summary>
public interface IPluginModule
{
    void Register(IStageRegistry registry);
}

/// <summary>Where a module registers its stages.</summary>
public interface IStageRegistry
{
    /// <param name="id">kind.name, for example <c>geometry.linear-3dmm</c>; unique among all plugins.</param>
    /// <param name="description">One line for <c>mosar plugins list</c>.</param>
    /// <param name="create">Makes the stage from its bound options. Throws MoSarException when weights are missing or broken.</param>
    /// <typeparam name="TRole">The stage interface it implements.</typeparam>
    /// <typeparam name="TOptions">An immutable record with a parameterless constructor; its init properties are the manifest's keys (snake_case),
    /// their defaults the defaults, their DataAnnotations ([Range], [Required], [AllowedValues], [Description]) the rules, checked before any work.</typeparam>
    void Add<TRole, TOptions>(string id, string description, Func<TOptions, TRole> create)
        where TRole : class
        where TOptions : class, new();
}

/// <summary>The version of these contracts. A plugin built for another major version is refused; a higher minor one, too.</summary>
public static class ContractVersion
{
    public const string Current = "1.0";
}

/// <summary>Marks a string option as a file or folder: relative paths are relative to the manifest file that says them.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ManifestPathAttribute : Attribute
{
    /// <summary>True when the file must exist before any work starts, as weights must.</summary>
    public bool MustExist { get; init; } = true;
}

/// <summary>Options of a stage that has none.</summary>
public sealed record NoOptions;
