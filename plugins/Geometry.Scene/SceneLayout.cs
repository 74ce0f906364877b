namespace MoSar.Plugins.Scene;

/// <summary>Where the parts of χ lie in the encoder's output, [B, <see cref="Count"/>].</summary>
/// <param name="Identity">α: numbers of the shape.</param>
/// <param name="Expression">δ.</param>
/// <param name="Albedo">β.</param>
internal sealed record SceneLayout(int Identity, int Expression, int Albedo)
{
    /// <summary>γ: 9 triples.</summary>
    public const int Light = 27;

    /// <summary>φ: rotation 6, place in the picture 2, size 1, focal length 1.</summary>
    public const int Camera = 10;

    public int ExpressionAt => Identity;

    public int AlbedoAt => ExpressionAt + Expression;

    public int LightAt => AlbedoAt + Albedo;

    public int CameraAt => LightAt + Light;

    public int Count => CameraAt + Camera;
}
