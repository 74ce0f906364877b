using System.Numerics;

namespace MoSar.Faces.Albedo;

/// <summary>A portrait to learn skin colour from.</summary>
/// <param name="Studio">Portraits with the same name here were lit alike.</param>
/// <param name="Photograph">The picture.</param>
/// <param name="Points">68 landmarks, input pixels, NaN where unknown.</param>
/// <param name="Contour">Points on the jaw's visible contour.</param>
public sealed record AlbedoPortrait(string Studio, Photograph Photograph, IReadOnlyList<Vector2> Points, IReadOnlyList<Vector2> Contour);

/// <summary>A learned albedo: linear Rec.709 a vertex.</summary>
/// <param name="Mean">V×3.</param>
/// <param name="Modes">K modes of V×3 at one standard deviation, by falling variance.</param>
/// <param name="Explained">Share of the (weighted) variance that the modes explain.</param>
/// <param name="Brightness">Mean shading of the portraits' faces: what a well exposed photograph's light is like.</param>
/// <param name="People">How many portraits it was learned from.</param>
public sealed record AlbedoModel(Vector3[] Mean, Vector3[][] Modes, double Explained, double Brightness, int People);
