using System.Numerics;
using System.Runtime.InteropServices;

namespace MoSar.Faces;

/// <summary>
/// The morphable head of this project in its own topology: mean, identity and expression bases, and per-vertex albedo, read from
/// <c>face.safetensors</c> (schema in docs/face-model.md). Shape = mean + Σ αᵢ·identityᵢ + Σ δⱼ·expressionⱼ; α is unit-normal, δ in [0, 1].
/// Immutable; share one instance.
/// </summary>
public sealed class FaceModel
{
    /// <summary>The schema that this build reads and writes.</summary>
    public const string Schema = "mosar/face-model/1";

    private const string Remedy = "Restore samples/models/face.safetensors from the repository, or make it again with `mosar model build --from ict-facekit DIR`.";

    private readonly Lazy<float[]> _expressionBasis;
    private readonly string _path;

    private FaceModel(FaceTemplate template, IReadOnlyDictionary<string, string> metadata, SafetensorsFile file)
    {
        var v = template.VertexCount;
        Template = template;
        Metadata = metadata;
        Mean = file.Vectors("mean", v, 3);
        Identity = Scaled(file, "identity", v, out var modes);
        IdentityCount = modes;
        EyeCentresMean = file.Vectors("eye_centres", 2, 3);
        EyeCentresIdentity = file.Floats("eye_centres_identity", modes, 2, 3);
        if (file.Contains("albedo_mean"))
        {
            AlbedoMean = file.Floats("albedo_mean", v, 3);
            AlbedoBasis = Scaled(file, "albedo_basis", v, out var albedoModes);
            AlbedoCount = albedoModes;
        }

        (Levels, Parts) = LevelFile.Read(file, template) is { } found ? found : (null, null);
        _path = file.Path;
        _expressionBasis = new Lazy<float[]>(FlattenExpressions);
    }

    public FaceTemplate Template { get; }

    /// <summary>What the file says of itself: <c>licence</c>, <c>source</c>, <c>source_sha256</c>, <c>made_by</c> …</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>V positions of the mean neutral head, millimetres.</summary>
    public Vector3[] Mean { get; }

    /// <summary>The number of identity modes.</summary>
    public int IdentityCount { get; }

    /// <summary>[IdentityCount, V, 3] contiguous: millimetres at coefficient 1 (one standard deviation), by falling variance.</summary>
    public float[] Identity { get; }

    /// <summary>The number of expressions, in the order of <see cref="FaceTemplate.Expressions"/>.</summary>
    public int ExpressionCount => Template.Expressions.Count;

    /// <summary>[ExpressionCount, V, 3] contiguous, millimetres at coefficient 1; made when first asked for.</summary>
    public float[] ExpressionBasis => _expressionBasis.Value;

    /// <summary>Rotation centres of the subject's left (x &gt; 0) and right eyeball of the mean head, millimetres.</summary>
    public Vector3[] EyeCentresMean { get; }

    /// <summary>[IdentityCount, 2, 3]: how they move with identity.</summary>
    public float[] EyeCentresIdentity { get; }

    /// <summary>[V, 3] linear Rec.709 diffuse albedo of the mean, empty when the file has none.</summary>
    public float[] AlbedoMean { get; } = [];

    /// <summary>The number of albedo modes; 0 when the file has none.</summary>
    public int AlbedoCount { get; }

    /// <summary>[AlbedoCount, V, 3] linear Rec.709 at coefficient 1 (one standard deviation).</summary>
    public float[] AlbedoBasis { get; } = [];

    /// <summary>The head in ever fewer vertices; null when the file has no levels.</summary>
    public MeshPyramid? Levels { get; }

    /// <summary>The eight parts of the head; null when the file has no levels.</summary>
    public MeshParts? Parts { get; }

    /// <summary>Levels and parts, for whoever cannot do without.</summary>
    /// <exception cref="MoSarException"><c>weights-mismatch</c>: the file has none.</exception>
    public (MeshPyramid Levels, MeshParts Parts) RequireLevels() => Levels is not null && Parts is not null
        ? (Levels, Parts)
        : throw new MoSarException("weights-mismatch", $"{_path} has no levels, which graph networks need", $"Add them with `mosar model levels --model {_path}`, or use the shipped face model.");

    /// <summary>Reads and checks a model file.</summary>
    /// <exception cref="MoSarException"><c>weights-missing</c>, <c>weights-truncated</c>, <c>weights-invalid</c> or <c>weights-mismatch</c>.</exception>
    public static FaceModel Load(string path)
    {
        var file = SafetensorsFile.Read(path, Remedy);
        var schema = file.Text("schema");
        if (schema != Schema)
        {
            throw file.Mismatch($"{path}: its schema is '{schema}', this build reads '{Schema}'");
        }

        var model = new FaceModel(TemplateReader.Read(file), file.Metadata, file);
        RefuseNonFinite(file, "mean", MemoryMarshal.Cast<Vector3, float>(model.Mean.AsSpan()));
        RefuseNonFinite(file, "identity", model.Identity);
        RefuseNonFinite(file, "albedo_mean", model.AlbedoMean);
        RefuseNonFinite(file, "albedo_basis", model.AlbedoBasis);
        return model;
    }

    /// <summary>Positions of a head, millimetres. Shorter coefficient lists leave the rest at zero.</summary>
    public Vector3[] Positions(ReadOnlySpan<float> identity, ReadOnlySpan<float> expression)
    {
        var result = (Vector3[])Mean.Clone();
        var flat = MemoryMarshal.Cast<Vector3, float>(result.AsSpan());
        for (var k = 0; k < identity.Length; k++)
        {
            AddScaled(flat, Identity.AsSpan(k * flat.Length, flat.Length), identity[k]);
        }

        return Expressed(result, expression);
    }

    /// <summary>Any neutral head with the template's expressions on it, millimetres: a copy.</summary>
    public Vector3[] Expressed(ReadOnlySpan<Vector3> neutral, ReadOnlySpan<float> expression)
    {
        var result = neutral.ToArray();
        var flat = MemoryMarshal.Cast<Vector3, float>(result.AsSpan());
        for (var k = 0; k < expression.Length; k++)
        {
            AddScaled(flat, MemoryMarshal.Cast<Vector3, float>(Template.Expressions[k].Offsets.AsSpan()), expression[k]);
        }

        return result;
    }

    /// <summary>Linear Rec.709 albedo a vertex; not clamped. Shorter coefficient lists leave the rest at zero.</summary>
    public Vector3[] Albedo(ReadOnlySpan<float> coefficients)
    {
        var result = MemoryMarshal.Cast<float, Vector3>(AlbedoMean).ToArray();
        var flat = MemoryMarshal.Cast<Vector3, float>(result.AsSpan());
        for (var k = 0; k < coefficients.Length; k++)
        {
            AddScaled(flat, AlbedoBasis.AsSpan(k * flat.Length, flat.Length), coefficients[k]);
        }

        return result;
    }

    /// <summary>Rotation centres of the left and right eyeball of a person, millimetres.</summary>
    public (Vector3 Left, Vector3 Right) EyeCentres(ReadOnlySpan<float> identity)
    {
        Span<Vector3> c = [EyeCentresMean[0], EyeCentresMean[1]];
        for (var k = 0; k < identity.Length; k++)
        {
            for (var e = 0; e < 2; e++)
            {
                var o = ((k * 2) + e) * 3;
                c[e] += identity[k] * new Vector3(EyeCentresIdentity[o], EyeCentresIdentity[o + 1], EyeCentresIdentity[o + 2]);
            }
        }

        return (c[0], c[1]);
    }

    /// <summary>The index of an expression by its ARKit name, −1 when there is none.</summary>
    public int ExpressionIndex(string name)
    {
        for (var i = 0; i < Template.Expressions.Count; i++)
        {
            if (Template.Expressions[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    private static void AddScaled(Span<float> target, ReadOnlySpan<float> mode, float weight)
    {
        if (weight == 0)
        {
            return;
        }

        var w = new Vector<float>(weight);
        var i = 0;
        for (; i + Vector<float>.Count <= target.Length; i += Vector<float>.Count)
        {
            (new Vector<float>(target[i..]) + (w * new Vector<float>(mode[i..]))).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++)
        {
            target[i] += weight * mode[i];
        }
    }

    private static float[] Scaled(SafetensorsFile file, string name, int vertexCount, out int modes)
    {
        var values = file.Floats(name, -1, vertexCount, 3);
        modes = values.Length / (3 * vertexCount);
        var scale = file.Floats($"{name}_scale", modes);
        var stride = 3 * vertexCount;
        Parallel.For(0, modes, k =>
        {
            var mode = values.AsSpan(k * stride, stride);
            var s = new Vector<float>(scale[k]);
            var i = 0;
            for (; i + Vector<float>.Count <= mode.Length; i += Vector<float>.Count)
            {
                (new Vector<float>(mode[i..]) * s).CopyTo(mode[i..]);
            }

            for (; i < mode.Length; i++)
            {
                mode[i] *= scale[k];
            }
        });
        return values;
    }

    private static void RefuseNonFinite(SafetensorsFile file, string name, ReadOnlySpan<float> values)
    {
        // A sum of x·0 is 0 unless some x is an infinity or not a number.
        var sum = Vector<float>.Zero;
        var i = 0;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
        {
            sum += new Vector<float>(values[i..]) * Vector<float>.Zero;
        }

        var rest = Vector.Sum(sum);
        for (; i < values.Length; i++)
        {
            rest += values[i] * 0;
        }

        if (rest != 0)
        {
            throw file.Invalid($"{file.Path}: tensor '{name}' holds values that are not finite");
        }
    }

    private float[] FlattenExpressions()
    {
        var stride = Template.VertexCount * 3;
        var basis = new float[ExpressionCount * stride];
        for (var k = 0; k < ExpressionCount; k++)
        {
            MemoryMarshal.Cast<Vector3, float>(Template.Expressions[k].Offsets.AsSpan()).CopyTo(basis.AsSpan(k * stride, stride));
        }

        return basis;
    }
}
