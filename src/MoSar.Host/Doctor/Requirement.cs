namespace MoSar.Host.Doctor;

/// <summary>Something the program needs, and whether it is there.</summary>
/// <param name="Name">For a person.</param>
/// <param name="IsOk">There, and good enough.</param>
/// <param name="Detail">Which version, or what is wrong.</param>
/// <param name="Fix">What to do when it is not ok.</param>
public sealed record Requirement(string Name, bool IsOk, string Detail, string? Fix = null);
