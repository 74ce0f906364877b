using System.Numerics;

namespace MoSar;

/// <summary>What every stage gets beside its input. Made by the host, one per call.</summary>
/// <param name="Cancellation">Long work checks it at least every 100 ms.</param>
/// <param name="Progress">Fraction done in [0, 1] with a short text; calling it is optional and cheap.</param>
/// <param name="Log">For researchers; users see only warnings and errors.</param>
/// <param name="Seed">The run's seed for this stage; the only source of randomness a stage may use.</param>
public sealed record StageContext(CancellationToken Cancellation, IProgress<StageProgress> Progress, IStageLog Log, int Seed)
{
    /// <summary>No cancellation, no progress, no log: for tests and scripts.</summary>
    public static StageContext None { get; } = new(CancellationToken.None, new Ignore(), new Ignore(), 1);

    private sealed class Ignore : IProgress<StageProgress>, IStageLog
    {
        public void Report(StageProgress value)
        {
        }

        public void Information(string message)
        {
        }

        public void Warning(string message)
        {
        }
    }
}

public readonly record struct StageProgress(double Fraction, string? Text = null);

public interface IStageLog
{
    void Information(string message);

    /// <summary>Reaches the user and the run's record.</summary>
    void Warning(string message);
}

/// <summary>A step of the pipeline: an immutable record in, an immutable record out. Disposed with the pipeline if it is IDisposable.</summary>
public interface IStage<in TInput, out TOutput>
{
    TOutput Run(TInput input, StageContext context);
}

/// <summary>Finds faces. Output: all faces, largest first; empty when there is none.</summary>
public interface IFaceDetector : IStage<Photograph, IReadOnlyList<FaceDetection>>;

public sealed record LandmarkInput(Photograph Photograph, FaceCrop Crop);

/// <summary>Finds the 68 landmarks of the face in a crop.</summary>
public interface ILandmarkDetector : IStage<LandmarkInput, Landmarks>;

public sealed record GeometryInput(Photograph Photograph, FaceCrop Crop, Landmarks Landmarks);

/// <summary>χ of the paper (3.1) with the mesh it makes.</summary>
/// <param name="Identity">α.</param>
/// <param name="Expression">δ, parallel to <see cref="FaceTemplate.Expressions"/>.</param>
/// <param name="Albedo">β.</param>
/// <param name="Light">γ, in head space, 9 coefficients: the light whose shading Σ A_l·γ·Y(n) times albedo gives the photograph's linear colours.</param>
/// <param name="Camera">φ, mapping the mesh to input pixels.</param>
/// <param name="Mesh">V̂, with expression, millimetres.</param>
/// <param name="Neutral">The same person without expression.</param>
/// <param name="VertexAlbedo">V×3 linear reflectance, the PCA's albedo at β.</param>
/// <param name="ProjectedLandmarks">68 points of the fitted mesh in input pixels; jaw points are the visible contour's.</param>
public sealed record Reconstruction(
    float[] Identity,
    float[] Expression,
    float[] Albedo,
    ShLight Light,
    PinholeCamera Camera,
    Mesh Mesh,
    Mesh Neutral,
    Vector3[] VertexAlbedo,
    IReadOnlyList<Vector2> ProjectedLandmarks);

/// <summary>Estimates χ and V̂ from a photograph (3.1).</summary>
public interface IGeometryEstimator : IStage<GeometryInput, Reconstruction>;

/// <param name="Resolution">Side of the square atlas in texels.</param>
public sealed record ProjectionInput(Photograph Photograph, Reconstruction Reconstruction, int Resolution);

/// <param name="Texture">R×R×3 linear, what the photograph shows of each texel; 0 where it shows nothing.</param>
/// <param name="Visibility">R×R×1 in [0, 1]: 0 hidden, outside the picture or outside the atlas; falls off towards grazing views.</param>
public sealed record PartialTexture(Image Texture, Image Visibility);

/// <summary>Carries the photograph into the atlas.</summary>
public interface ITextureProjector : IStage<ProjectionInput, PartialTexture>;

public sealed record CompletionInput(PartialTexture Partial, Reconstruction Reconstruction);

/// <summary>Fills what the photograph does not show (3.2). Output: R×R×3 linear, every atlas texel filled, seen texels unchanged.</summary>
public interface ITextureCompleter : IStage<CompletionInput, Image>;

/// <param name="Texture">Complete texture, R×R×3 linear.</param>
public sealed record LightInput(Image Texture, Image Visibility, Reconstruction Reconstruction);

/// <param name="Texture">𝓜, R×R×3 linear.</param>
/// <param name="Residual">The light still in 𝓜 (γ̂ of 3.4): <see cref="ShLight.Uniform"/> when all of it was removed.</param>
public sealed record NormalizedTexture(Image Texture, ShLight Residual);

/// <summary>Makes the light uniform (3.3).</summary>
public interface ILightNormalizer : IStage<LightInput, NormalizedTexture>;

/// <param name="Texture">𝓜 with its residual light.</param>
/// <param name="Visibility">What was seen and what was completed.</param>
/// <param name="Maps">Holds at least the maps named in <see cref="IMapEstimator.Needs"/>.</param>
public sealed record MapInput(NormalizedTexture Texture, Image Visibility, Reconstruction Reconstruction, MapSet Maps);

/// <summary>Makes maps from 𝓜, geometry and other maps (3.4). The composer orders estimators by needs and makes.</summary>
public interface IMapEstimator : IStage<MapInput, IReadOnlyList<Map>>
{
    IReadOnlyList<string> Needs { get; }

    IReadOnlyList<MapDescriptor> Makes { get; }
}

/// <param name="Map">One map; the host calls the stage once for each.</param>
/// <param name="Resolution">Wanted side in texels, ≥ the map's.</param>
/// <param name="Texture">𝓜, as guidance.</param>
public sealed record SuperResolutionInput(Map Map, int Resolution, Image Texture);

/// <summary>Enlarges a map (3.5).</summary>
public interface ISuperResolver : IStage<SuperResolutionInput, Map>;

/// <summary>Shading points, structure of arrays; N points each.</summary>
/// <param name="Albedo">3N, d of Eq. 6.</param>
/// <param name="Specular">N, s of Eq. 8.</param>
/// <param name="Occlusion">N, a of Eq. 6.</param>
/// <param name="Translucency">N, t of Eq. 7.</param>
/// <param name="Normals">3N unit vectors, head space, normal map applied.</param>
/// <param name="Views">3N unit vectors from the point towards the camera.</param>
public sealed record ShadingPoints(float[] Albedo, float[] Specular, float[] Occlusion, float[] Translucency, float[] Normals, float[] Views)
{
    public int Count => Specular.Length;
}

/// <param name="Light">Any number of bands; models use those they know.</param>
/// <param name="Term">One of <see cref="IShadingModel.Terms"/>, or null for their sum.</param>
public sealed record ShadingInput(ShadingPoints Points, ShLight Light, string? Term = null);

/// <summary>Gradients of a scalar loss with respect to every input of shading; same layouts as <see cref="ShadingPoints"/>; light 3·(bands+1)².</summary>
public sealed record ShadingGradients(float[] Albedo, float[] Specular, float[] Occlusion, float[] Translucency, float[] Normals, float[] Views, float[] Light);

/// <summary>Reflected radiance of shading points. Output: 3N linear values.</summary>
public interface IShadingModel : IStage<ShadingInput, float[]>
{
    /// <summary>The separately computable parts, for example diffuse, subsurface, specular.</summary>
    IReadOnlyList<string> Terms { get; }

    /// <summary>Vector–Jacobian product: given ∂L/∂output (3N), the gradient of every input.</summary>
    ShadingGradients Backward(ShadingInput input, ReadOnlySpan<float> gradient);
}

/// <summary>Everything known about one head, for exporters.</summary>
/// <param name="Folder">Where to write; exists and is empty. The host moves it into place when all exporters are done.</param>
/// <param name="StageSeconds">Wall time of the stages so far, in order.</param>
public sealed record ExportInput(
    string Folder,
    Photograph Photograph,
    FaceDetection Face,
    Landmarks Landmarks,
    Reconstruction Reconstruction,
    PartialTexture Partial,
    NormalizedTexture Texture,
    MapSet Maps,
    IShadingModel Shading,
    IReadOnlyList<KeyValuePair<string, double>> StageSeconds);

/// <summary>Writes files; output: paths relative to the folder.</summary>
public interface IExporter : IStage<ExportInput, IReadOnlyList<string>>;
