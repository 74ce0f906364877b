using System.Numerics;
using MoSar.Faces;
using MoSar.Faces.Fitting;
using MoSar.Graphics;

namespace MoSar.Plugins.Linear3dmm;

/// <summary>
/// Estimates χ of the paper (3.1) from a photograph: a Gauss–Newton fit of identity, expression, pose and focal length to the landmarks,
/// light and albedo by ridge regression, then Adam on Eq. 1 over everything.
/// </summary>
public sealed class Linear3dmmEstimator : IGeometryEstimator, IDisposable
{
    private readonly Linear3dmmOptions _options;
    private readonly LandmarkFitOptions _landmarkOptions;
    private readonly FaceModel _model;
    private readonly LandmarkFit _landmarkFit;
    private readonly FaceSubset _subset;
    private readonly SceneObservations _observations;
    private readonly Lazy<SceneModel> _scene;

    /// <exception cref="MoSarException">The model file is missing or broken.</exception>
    public Linear3dmmEstimator(Linear3dmmOptions options)
        : this(options, FaceModel.Load(options.Model))
    {
    }

    internal Linear3dmmEstimator(Linear3dmmOptions options, FaceModel model)
    {
        if (model.AlbedoCount == 0)
        {
            throw new MoSarException("weights-mismatch", $"{options.Model}: the face model has no albedo.", "Run `mosar model albedo --portraits DIR`.");
        }

        (_options, _model) = (options, model);
        _landmarkOptions = LandmarkFitOptions.Default with
        {
            FocalPrior = options.FocalPrior,
            FocalSigma = options.FocalSigma,
            DistancePrior = options.DistancePrior,
            DistanceSigma = options.DistanceSigma,
        };
        _landmarkFit = new LandmarkFit(model);
        _subset = new FaceSubset(model);
        _observations = new SceneObservations(model, _landmarkFit.Origin);
        _scene = new Lazy<SceneModel>(() => new SceneModel(model, _subset, _landmarkFit.Origin));
    }

    public Reconstruction Run(GeometryInput input, StageContext context)
    {
        var (photograph, landmarks) = (input.Photograph, input.Landmarks);
        var (cx, cy) = (photograph.Width / 2.0, photograph.Height / 2.0);
        var first = _landmarkFit.Run(landmarks, photograph.Width, photograph.Height, photograph.FocalLength, _landmarkOptions);
        context.Progress.Report(new StageProgress(0.05, "landmarks fitted"));
        double[] shape = [.. first.Identity, .. first.Expression];
        var target = PhotoTarget.Take(photograph, ProjectFace(shape, first.Pose.ToCamera(cx, cy, Vector3.Zero)), _options.PhotoResolution);
        var photo = new PhotoKernel(_subset);
        var view = new SceneView
        {
            Photo = photo,
            Target = target,
            Weights = new float[_subset.Count],
            Landmarks = new LandmarkKernel(_observations.Points, [], _landmarkOptions.OutlierSigmas),
            Pose = first.Pose,
            Cx = cx,
            Cy = cy,
        };
        var state = new SceneState(shape, first.Pose, new float[27], new float[_model.AlbedoCount]);
        var visible = Visibility(state, target, cx, cy);
        var prior = EyeWhites.Refine(LightPrior.Default, photograph.Pixels, landmarks);
        var (light, albedo, front) = StartLight(view, state, visible, prior);
        state = state with { Light = light, Albedo = albedo };
        if (_options.Iterations > 0)
        {
            var (focalPrior, focalSigma) = LandmarkFit.FocalPriorOf(photograph.Width, photograph.Height, photograph.FocalLength, _landmarkOptions);
            var fit = new SceneFit(_scene.Value, _options, prior);
            state = fit.Run(state, view, focalPrior, focalSigma, front, Refresh, context);
        }

        return Result(state, cx, cy);

        void Refresh(SceneView v, SceneState s)
        {
            var camera = s.Pose.ToCamera(cx, cy, _landmarkFit.Origin);
            v.Landmarks = new LandmarkKernel(
                _observations.Points, _observations.Make(landmarks, _landmarkOptions, s.Shape, camera, _landmarkFit.Origin), _landmarkOptions.OutlierSigmas);
            var seen = Visibility(s, target, cx, cy);
            v.Photo.Evaluate(Positions(s.Shape), Albedo(s.Albedo), s.Light, v.InTarget(), target, seen);
            RobustWeights.Apply([.. v.Photo.Residual.Select(r => (double)r)], seen, v.Weights);
        }
    }

    public void Dispose()
    {
        if (_scene.IsValueCreated)
        {
            _scene.Value.Dispose();
        }
    }

    /// <summary>The subset's positions about the pose's origin, 3n.</summary>
    private float[] Positions(ReadOnlySpan<double> shape)
    {
        var result = (float[])_subset.Mean.Clone();
        for (var i = 0; i < result.Length; i++)
        {
            result[i] -= _landmarkFit.Origin[i % 3];
        }

        AddModes(result, _subset.ShapeBasis, shape);
        return result;
    }

    /// <summary>Where the subset's vertices lie in the picture.</summary>
    private Vector2[] ProjectFace(ReadOnlySpan<double> shape, PinholeCamera camera)
    {
        var positions = Positions(shape);
        return [.. Enumerable.Range(0, _subset.Count).Select(i => camera.Project(new Vector3(positions[3 * i], positions[(3 * i) + 1], positions[(3 * i) + 2])))];
    }

    private float[] Albedo(float[] coefficients)
    {
        var result = (float[])_subset.AlbedoMean.Clone();
        AddModes(result, _subset.AlbedoBasis, [.. coefficients.Select(c => (double)c)]);
        return result;
    }

    private static void AddModes(Span<float> target, float[] modes, ReadOnlySpan<double> weights)
    {
        for (var k = 0; k < weights.Length; k++)
        {
            var w = new Vector<float>((float)weights[k]);
            var mode = modes.AsSpan(k * target.Length, target.Length);
            var i = 0;
            for (; i + Vector<float>.Count <= mode.Length; i += Vector<float>.Count)
            {
                (new Vector<float>(target[i..]) + (w * new Vector<float>(mode[i..]))).CopyTo(target[i..]);
            }

            for (; i < mode.Length; i++)
            {
                target[i] += (float)weights[k] * mode[i];
            }
        }
    }

    /// <summary>n weights: inside the face, turned to the camera, and not behind another part of the head.</summary>
    private float[] Visibility(SceneState state, PhotoTarget target, double cx, double cy)
    {
        const float tolerance = 2;
        var camera = state.Pose.ToCamera(cx, cy, _landmarkFit.Origin);
        var inTarget = camera with
        {
            Fx = camera.Fx * target.Scale,
            Fy = camera.Fy * target.Scale,
            Cx = (camera.Cx - target.Corner.X) * target.Scale,
            Cy = (camera.Cy - target.Corner.Y) * target.Scale,
        };
        var identities = _model.IdentityCount;
        var positions = _model.Positions([.. state.Shape.Take(identities).Select(v => (float)v)], [.. state.Shape.Skip(identities).Select(v => (float)v)]);
        var depth = Rasterizer.Draw(inTarget, positions, _model.Template.Triangles, target.Side, target.Side);
        var normals = MeshNormals.AreaWeighted(positions, _model.Template.Triangles);
        var centre = camera.Centre;
        var weights = new float[_subset.Count];
        for (var i = 0; i < weights.Length; i++)
        {
            var p = positions[_subset.Vertices[i]];
            var pixel = inTarget.Project(p);
            var facing = Vector3.Dot(normals[_subset.Vertices[i]], Vector3.Normalize(centre - p));
            var (x, y) = ((int)MathF.Floor(pixel.X), (int)MathF.Floor(pixel.Y));
            if (facing > 0.15f && x >= 1 && y >= 1 && x < target.Side - 1 && y < target.Side - 1)
            {
                var hidden = depth.Depth[(y * target.Side) + x] < -inTarget.ToCamera(p).Z - tolerance;
                weights[i] = hidden ? 0 : _subset.Weight[i] * Math.Clamp((facing - 0.15f) / 0.45f, 0, 1);
            }
        }

        return weights;
    }

    private (float[] Light, float[] Albedo, double[] Front) StartLight(SceneView view, SceneState state, float[] visible, LightPrior prior)
    {
        var positions = Positions(state.Shape);
        view.Photo.Evaluate(positions, Albedo(state.Albedo), state.Light, view.InTarget(), view.Target, visible);
        var normals = view.Photo.Normals;
        var camera = state.Pose.ToCamera(view.Cx, view.Cy, Vector3.Zero);
        var colours = new Vector3[_subset.Count];
        var front = new double[9];
        double total = 1e-9;
        Span<float> basis = stackalloc float[9];
        for (var i = 0; i < colours.Length; i++)
        {
            var pixel = (camera.Project(new Vector3(positions[3 * i], positions[(3 * i) + 1], positions[(3 * i) + 2])) - view.Target.Corner) * view.Target.Scale;
            var side = view.Target.Side;
            var (x, y) = (Math.Clamp((int)pixel.X, 0, side - 1), Math.Clamp((int)pixel.Y, 0, side - 1));
            for (var c = 0; c < 3; c++)
            {
                colours[i][c] = Srgb.ToLinear(view.Target.Planes[(c * side * side) + (y * side) + x]);
            }

            PhotoKernel.Basis(normals[i], basis);
            for (var k = 0; k < 9; k++)
            {
                front[k] += visible[i] * basis[k];
            }

            total += visible[i];
        }

        var (light, albedo) = new LightFit(_subset, prior).Solve(normals, colours, visible);
        return (light, albedo, [.. front.Select(v => v / total)]);
    }

    private Reconstruction Result(SceneState state, double cx, double cy)
    {
        var identities = _model.IdentityCount;
        float[] identity = [.. state.Shape.Take(identities).Select(v => (float)v)];
        var (neutral, modes, expression) = SkinContact.For(_model).Relieve(_model.Positions(identity, []), [.. state.Shape.Skip(identities).Select(v => (float)v)]);
        identity = [.. identity.Zip(modes, (a, b) => a + b)];
        var camera = state.Pose.ToCamera(cx, cy, _landmarkFit.Origin);
        var light = new Vector3[9];
        for (var i = 0; i < 9; i++)
        {
            // Σ A·γ·Y = Σ e·Y/Y₀₀.
            var scale = 1 / (SphericalHarmonics.Lambertian(i == 0 ? 0 : i < 4 ? 1 : 2) * 0.28209479177387814);
            light[i] = new Vector3(state.Light[3 * i], state.Light[(3 * i) + 1], state.Light[(3 * i) + 2]) * (float)scale;
        }

        var albedo = _model.Albedo(state.Albedo);
        for (var i = 0; i < albedo.Length; i++)
        {
            albedo[i] = Vector3.Clamp(albedo[i], new Vector3(0.002f), Vector3.One);
        }

        return new Reconstruction(
            identity,
            expression,
            state.Albedo,
            new ShLight(light),
            camera,
            new Mesh(_model.Template, _model.Expressed(neutral, expression)),
            new Mesh(_model.Template, neutral),
            albedo,
            _observations.Project([.. identity.Concat(expression).Select(v => (double)v)], camera, _landmarkFit.Origin));
    }
}
