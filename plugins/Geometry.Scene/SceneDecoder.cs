using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Faces;
using MoSar.Learning;
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
internal sealed record Scene(
    Tensor Identity, Tensor Expression, Tensor Albedo, Tensor Light, CameraTensors Camera, Tensor Vertices, Tensor Neutral, Tensor Normals, Tensor Colours, Tensor Projected, Tensor Visible);

/// <summary>
/// The decoder of 3.1 with a linear identity (the paper's 3DMM baseline): the encoder's numbers to χ, χ to a mesh, its colours and its place in the picture.
/// A number of 0 everywhere is the mean head, without expression, in the middle of the crop, under uniform light.
/// </summary>
internal sealed class SceneDecoder : IDisposable
{
    /// <summary>Millimetres that a face crop's side measures at the head (twice from the brows to the chin).</summary>
    private const double CropSide = 230;

    /// <summary>Focal length where the encoder says nothing, in sides of the crop: a portrait from about a metre.</summary>
    private const double FocalLength = 4;

    /// <summary>A pixel's worth of what the encoder says about place, size and focal length: first guesses are wrong by about that.</summary>
    private const double PlaceUnit = 0.1, SizeUnit = 0.1, FocalUnit = 0.3, RotationUnit = 0.3;

    /// <summary>Radiance of the uniform light that is its middle, in units of <see cref="ShLight.Uniform"/>: photographs are exposed for skin, whose albedo is about a half.</summary>
    private const float LightMiddle = 1.6f;

    private readonly FaceModel model;
    private readonly SceneLayout layout;
    private readonly MeshTopology topology;
    private readonly float[] faceWeights;
    private readonly Vector3 origin;
    private readonly Tensor mean, identity, expression, albedoMean, albedo, light;

    public SceneDecoder(FaceModel model)
    {
        this.model = model;
        layout = new SceneLayout(model.IdentityCount, model.ExpressionCount, model.AlbedoCount);
        topology = new MeshTopology(model.Template);
        faceWeights = model.Template.Regions["face"];

        // What turns about it stays in its place: the middle of the landmarks.
        var points = model.Template.LandmarksOn(model.Mean);
        origin = points.Aggregate(Vector3.Zero, (s, p) => s + p) / points.Length;
        var size = 3L * model.Mean.Length;
        mean = Keep(MemoryMarshal.Cast<Vector3, float>(model.Mean.AsSpan()).ToArray(), 1, size);
        identity = Keep(model.Identity, layout.Identity, size);
        expression = Keep(model.ExpressionBasis, layout.Expression, size);
        albedoMean = Keep(model.AlbedoMean, 1, size);
        albedo = Keep(model.AlbedoBasis, layout.Albedo, size);
        light = Keep([.. ShLight.Uniform.Coefficients.SelectMany(c => new[] { LightMiddle * c.X, LightMiddle * c.Y, LightMiddle * c.Z })], 1, SceneLayout.Light);
    }

    public SceneLayout Layout => layout;

    /// <exception cref="MoSarException">The face model is missing, broken or has no albedo.</exception>
    public static FaceModel Load(string path)
    {
        var model = FaceModel.Load(path);
        return model.AlbedoCount > 0 ? model : throw new MoSarException("weights-mismatch", $"{path}: the face model has no albedo.", "Run `mosar model albedo --portraits DIR`.");
    }

    /// <param name="numbers">The encoder's, [B, <see cref="SceneLayout.Count"/>].</param>
    /// <param name="principal">[B, 2], pixels of the crop.</param>
    /// <param name="side">Of the crop, pixels.</param>
    public Scene Decode(Tensor numbers, Tensor principal, int side)
    {
        var batch = numbers.shape[0];
        var alpha = numbers.narrow(1, 0, layout.Identity);
        var delta = Bounded(numbers.narrow(1, layout.ExpressionAt, layout.Expression));
        var beta = numbers.narrow(1, layout.AlbedoAt, layout.Albedo);
        var gamma = (numbers.narrow(1, layout.LightAt, SceneLayout.Light) + light).reshape(batch, 9, 3);
        var neutral = mean + alpha.matmul(identity);
        var vertices = (neutral + delta.matmul(expression)).reshape(batch, -1, 3);
        var camera = Camera(numbers.narrow(1, layout.CameraAt, SceneLayout.Camera), principal, side);
        var normals = VertexNormals.Of(vertices, topology);
        var colours = VertexShading.Shade(normals, gamma, (albedoMean + beta.matmul(albedo)).reshape(batch, -1, 3));
        var visible = VertexVisibility.Of(vertices, normals, camera, topology, side, side, faceWeights);
        return new Scene(alpha, delta, beta, gamma, camera, vertices, neutral.reshape(batch, -1, 3), normals, colours, PerspectiveProjection.Project(vertices, camera), visible);
    }

    public void Dispose()
    {
        foreach (var tensor in new[] { mean, identity, expression, albedoMean, albedo, light })
        {
            tensor.Dispose();
        }
    }

    /// <summary>Area-weighted unit normals of true heads, [B, V, 3].</summary>
    public Tensor NormalsOf(Tensor vertices) => VertexNormals.Of(vertices, topology);

    /// <summary>Outside [0, 1], where blendshapes mean nothing, a tenth of the way is left, so that a gradient leads back.</summary>
    private static Tensor Bounded(Tensor x)
    {
        var inside = x.clamp(0, 1);
        return inside + (0.1 * (x - inside));
    }

    /// <summary>
    /// Translation is said as the place and size in the picture: a step of the network moves the head by as many pixels whether it is near or far,
    /// and the focal length, which a single picture hardly tells, changes neither.
    /// </summary>
    private CameraTensors Camera(Tensor x, Tensor principal, int side)
    {
        var six = (RotationUnit * x.narrow(1, 0, 6)) + tensor([1f, 0, 0, 0, 1, 0]);
        var rotation = CameraTensors.RotationOf(six);
        var place = (side / 2.0) + (side * PlaceUnit * x.narrow(1, 6, 2));
        var pixelsPerMillimetre = side / CropSide * (SizeUnit * x.narrow(1, 8, 1)).exp();
        var logFocal = Math.Log(FocalLength * side) + (FocalUnit * x.narrow(1, 9, 1));
        var focal = logFocal.exp();
        var distance = focal / pixelsPerMillimetre;
        var offset = (place - principal) / pixelsPerMillimetre;
        var p = cat([offset.narrow(1, 0, 1), -offset.narrow(1, 1, 1), -distance], 1);
        var turned = rotation.matmul(tensor([origin.X, origin.Y, origin.Z]).reshape(1, 3, 1)).squeeze(2);
        return new CameraTensors(rotation, p - turned, logFocal.squeeze(1), principal);
    }

    private static Tensor Keep(float[] values, params long[] shape) => tensor(values, shape).DetachFromDisposeScope();
}
