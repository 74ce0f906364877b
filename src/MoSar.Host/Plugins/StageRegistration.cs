namespace MoSar.Host.Plugins;

/// <summary>A stage that a loaded plugin registered.</summary>
/// <param name="Id">kind.name.</param>
/// <param name="Description">One line.</param>
/// <param name="Role">The stage interface.</param>
/// <param name="Options">The record that its manifest keys bind to.</param>
/// <param name="Create">Makes the stage from an instance of <paramref name="Options"/>.</param>
/// <param name="Plugin">Who supplies it.</param>
public sealed record StageRegistration(string Id, string Description, Type Role, Type Options, Func<object, object> Create, Plugin Plugin);
