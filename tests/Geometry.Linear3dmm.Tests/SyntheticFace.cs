using System.Numerics;
using MoSar.Faces;
using MoSar.Faces.Fitting;
using MoSar.Graphics;

namespace MoSar.Tests.Linear3dmm;

/// <summary>A head with known parameters and its picture, rendered as the paper models colours: albedo times SH irradiance.</summary>
internal sealed class SyntheticFace
{
    public const int Width = 480, Height = 600;

    private static readonly Lazy<FaceModel> Shared = new(() => FaceModel.Load(ModelPath));

    public SyntheticFace(int seed, float yaw = 0, double focal = 1100, double distance = 620, Action<float[]>? albedo = null, float brightness = 1)
    {
        var random = new Random(seed);
        Identity = [.. Enumerable.Range(0, Model.IdentityCount).Select(i => i < 40 ? 0.7f * Normal(random) : 0)];
        Expression = new float[Model.ExpressionCount];
        Expression[Model.ExpressionIndex("mouthSmileLeft")] = 0.5f;
        Expression[Model.ExpressionIndex("mouthSmileRight")] = 0.5f;
        Expression[Model.ExpressionIndex("jawOpen")] = 0.15f;
        Beta = [.. Enumerable.Range(0, Model.AlbedoCount).Select(i => i < 4 ? 0.5f * Normal(random) : 0)];
        albedo?.Invoke(Beta);
        var coefficients = new Vector3[9];
        coefficients[0] = brightness * new Vector3(0.65f);
        coefficients[1] = brightness * new Vector3(0.10f);
        coefficients[2] = brightness * new Vector3(0.17f);
        coefficients[3] = brightness * new Vector3(0.13f);
        Light = new ShLight(coefficients);
        var (sin, cos) = Math.SinCos(yaw);
        var pose = new HeadPose([cos, 0, sin, 0, 1, 0, -sin, 0, cos], 8, -5, Math.Log(focal / distance), -Math.Log(distance));
        Camera = pose.ToCamera(Width / 2.0, Height / 2.0, new LandmarkFit(Model).Origin);
        Positions = Model.Positions(Identity, Expression);
        Photograph = new Photograph("synthetic", "synthetic.png", Render(), null, new string('0', 64));
    }

    public static FaceModel Model => Shared.Value;

    /// <summary>The shipped model, found from the repository's root.</summary>
    public static string ModelPath
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "MoSar.Host.sln")))
            {
                folder = folder.Parent ?? throw new DirectoryNotFoundException("MoSar.Host.sln is above none of the test's folders.");
            }

            return Path.Combine(folder.FullName, "samples", "models", "face.safetensors");
        }
    }

    public float[] Identity { get; }

    public float[] Expression { get; }

    public float[] Beta { get; }

    public ShLight Light { get; }

    public PinholeCamera Camera { get; }

    public Vector3[] Positions { get; }

    public Photograph Photograph { get; }

    /// <summary>The true landmarks, jaw along the visible contour, moved by normal noise of so many pixels.</summary>
    public Landmarks Landmarks(float noise = 0, int seed = 7)
    {
        var random = new Random(seed);
        var template = Model.Template;
        var start = new int[18];
        for (var i = 0; i < 17; i++)
        {
            start[i + 1] = start[i] + template.JawCandidates[i].Length;
        }

        var jaw = template.JawCandidates.SelectMany(c => c).Select(Project).ToArray();
        var chosen = new int[17];
        VisibleContour.Choose(jaw, start, chosen);
        var points = Enumerable.Range(0, 68).Select(i => i < 17 ? jaw[start[i] + chosen[i]] : Project(template.Landmarks[i]));
        return new Landmarks(
            [.. points.Select(p => p + (noise * new Vector2(Normal(random), Normal(random))))], [.. Enumerable.Repeat(1f, 68)]);
    }

    private static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    private Vector2 Project(SurfacePoint p)
    {
        var t = Model.Template.Triangles;
        return Camera.Project((p.Barycentric.X * Positions[t[3 * p.Triangle]]) + (p.Barycentric.Y * Positions[t[(3 * p.Triangle) + 1]])
            + (p.Barycentric.Z * Positions[t[(3 * p.Triangle) + 2]]));
    }

    private Image Render()
    {
        var triangles = Model.Template.Triangles;
        var buffer = Rasterizer.Draw(Camera, Positions, triangles, Width, Height);
        var normals = MeshNormals.AreaWeighted(Positions, triangles);
        var albedo = Model.Albedo(Beta);
        var image = new Image(Width, Height, 3);
        for (var i = 0; i < Width * Height; i++)
        {
            var colour = new Vector3(0.3f);
            if (buffer.Triangle[i] >= 0)
            {
                var b = buffer.Barycentric(i);
                var (v0, v1, v2) = (triangles[3 * buffer.Triangle[i]], triangles[(3 * buffer.Triangle[i]) + 1], triangles[(3 * buffer.Triangle[i]) + 2]);
                var normal = Vector3.Normalize((b.X * normals[v0]) + (b.Y * normals[v1]) + (b.Z * normals[v2]));
                colour = ((b.X * albedo[v0]) + (b.Y * albedo[v1]) + (b.Z * albedo[v2])) * SphericalHarmonics.Irradiance(Light, normal);
            }

            colour.CopyTo(image.Pixels, 3 * i);
        }

        return image;
    }
}
