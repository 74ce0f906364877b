using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Faces;
using MoSar.Learning;
using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene;

/// <summary>χ of a batch with the head and the colours that it makes.</summary>
/// <param name="Vertices">V̂, [B, V, 3], mm, head space.</param>
/// <param name="Neutral">[B, V, 3].</param>
/// <param name="Normals">[B, V, 3].</param>
/// <param name="Colours">[B, V, 3], linear.</param>
/// <param name="Projected">[B, V, 2], pixels of the crop.</param>
/// <param name="Visible">[B, V] in [0, 1]; carries no gradient.</param>
internal sealed record Scene(SceneTensors Chi, Tensor Vertices, Tensor Neutral, Tensor Normals, Tensor Colours, Tensor Projected, Tensor Visible);

/// <summary>
/// The encoder's code to χ, χ to a mesh, its colours and its place in the picture (3.1). What makes a neutral head of α is a network of its own.
/// A code of zeros is the mean head, without expression, where a crop has it, under uniform light.
/// </summary>
internal sealed class SceneDecoder : IDisposable
{
    /// <summary>What a 1 of the code's camera means, in the units of <see cref="SceneCode"/>: first guesses are wrong by about that, and a step of Adam is as long for every number.</summary>
    private const float RotationUnit = 0.3f, PlaceUnit = 0.1f, SizeUnit = 0.1f, FocalUnit = 0.3f;

    /// <summary>Radiance of the light that a code of zeros means: photographs are exposed for skin, whose albedo is about a half.</summary>
    private const double Radiance = 1.6;

    private readonly SceneCode code;
    private readonly MeshTopology topology;
    private readonly float[] faceWeights;
    private readonly ShapeDecoder shape;
    private readonly Tensor units, expression, albedoMean, albedo;

    /// <param name="shape">Disposed by whoever made it.</param>
    public SceneDecoder(FaceModel model, ShapeDecoder shape)
    {
        this.shape = shape;
        var sizes = new SceneSizes(shape.LatentCount, model.ExpressionCount, model.AlbedoCount);
        code = new SceneCode(sizes, SceneStart.Of(model.Template, model.Mean) with { Radiance = Radiance });
        var camera = new[] { RotationUnit, RotationUnit, RotationUnit, RotationUnit, RotationUnit, RotationUnit, PlaceUnit, PlaceUnit, SizeUnit, FocalUnit };
        units = Keep([.. Enumerable.Repeat(1f, code.Length - camera.Length), .. camera], 1, code.Length);
        topology = new MeshTopology(model.Template);
        faceWeights = model.Template.Regions["face"];

        var size = 3L * model.Mean.Length;
        expression = Keep(model.ExpressionBasis, sizes.Expression, size);
        albedoMean = Keep(model.AlbedoMean, 1, size);
        albedo = Keep(model.AlbedoBasis, sizes.Albedo, size);
    }

    public SceneSizes Sizes => code.Sizes;

    /// <summary>Of a code.</summary>
    public int Length => code.Length;

    /// <summary>How much of a code, from its beginning, has a probable middle of 0: α, δ and β.</summary>
    public int PriorLength => Sizes.Identity + Sizes.Expression + Sizes.Albedo;

    /// <exception cref="MoSarException">The face model is missing, broken or has no albedo.</exception>
    public static FaceModel Load(string path)
    {
        var model = FaceModel.Load(path);
        return model.AlbedoCount > 0 ? model : throw new MoSarException("weights-mismatch", $"{path}: the face model has no albedo.", "Run `mosar model albedo --portraits DIR`.");
    }

    /// <summary>A code as <see cref="SceneCode"/> reads it, in the numbers that <see cref="Decode"/> takes.</summary>
    public Tensor Numbers(Tensor code) => code / units;

    /// <param name="numbers">The encoder's, [B, <see cref="Length"/>].</param>
    /// <param name="principal">[B, 2], pixels of the crop.</param>
    /// <param name="side">Of the crop, pixels.</param>
    public Scene Decode(Tensor numbers, Tensor principal, int side)
    {
        var batch = numbers.shape[0];
        var chi = code.Decode(numbers * units, side, principal);
        var neutral = shape.call(chi.Identity).reshape(batch, -1);
        var vertices = (neutral + chi.Expression.matmul(expression)).reshape(batch, -1, 3);
        var normals = VertexNormals.Of(vertices, topology);
        var colours = VertexShading.Shade(normals, chi.Light, (albedoMean + chi.Albedo.matmul(albedo)).reshape(batch, -1, 3));
        var visible = VertexVisibility.Of(vertices, normals, chi.Camera, topology, side, side, faceWeights);
        return new Scene(chi, vertices, neutral.reshape(batch, -1, 3), normals, colours, PerspectiveProjection.Project(vertices, chi.Camera), visible);
    }

    public void Dispose()
    {
        foreach (var tensor in new[] { units, expression, albedoMean, albedo })
        {
            tensor.Dispose();
        }
    }

    private static Tensor Keep(float[] values, params long[] shape) => tensor(values, shape).DetachFromDisposeScope();
}
