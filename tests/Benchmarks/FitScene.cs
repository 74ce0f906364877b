using System.Globalization;
using System.Numerics;
using MoSar.Faces.Fitting;
using MoSar.Plugins.Linear3dmm;
using MoSar.Tests.Linear3dmm;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Benchmarks;

/// <summary>The shipped face model before a rendered face, at the start of Adam: what geometry.linear-3dmm minimises, with all its sizes.</summary>
internal sealed class FitScene
{
    private const float LightUnit = 0.1f;

    private readonly Linear3dmmOptions _options = new() { Iterations = 40 };
    private readonly LandmarkFitOptions _landmarkOptions = LandmarkFitOptions.Default;
    private readonly LightPrior _prior = LightPrior.Default;
    private readonly FaceSubset _subset = new(SyntheticFace.Model);
    private readonly SceneModel _model;
    private readonly SceneFit _fit;
    private readonly SceneView _view;
    private readonly SceneState _start;
    private readonly SceneObservations _points;
    private readonly LandmarkKernel.Observation[] _observations;
    private readonly double[] _front = new double[9];
    private readonly double _focalPrior, _focalSigma;

    public FitScene(SyntheticFace face)
    {
        var origin = new LandmarkFit(SyntheticFace.Model).Origin;
        _model = new SceneModel(SyntheticFace.Model, _subset, origin);
        _fit = new SceneFit(_model, _options, _prior);
        var (cx, cy) = (SyntheticFace.Width / 2.0, SyntheticFace.Height / 2.0);

        // The face's own camera, a little off.
        var pose = new HeadPose([1, 0, 0, 0, 1, 0, 0, 0, 1], 7, -4, Math.Log(1100 / 620.0), -Math.Log(640));
        var camera = pose.ToCamera(cx, cy, origin);
        var light = new float[27];
        Array.Fill(light, (float)_prior.Brightness, 0, 3);
        _start = new SceneState(new double[_subset.Parameters], pose, light, new float[_subset.AlbedoCount]);
        _points = new SceneObservations(SyntheticFace.Model, origin);
        _observations = _points.Make(face.Landmarks(noise: 1), _landmarkOptions, _start.Shape, camera, origin);
        var seen = _subset.Vertices.Select(v => camera.Project(SyntheticFace.Model.Mean[v])).ToArray();
        _view = new SceneView
        {
            Photo = new PhotoKernel(_subset),
            Target = PhotoTarget.Take(face.Photograph, seen, _options.PhotoResolution),
            Weights = _subset.Weight,
            Landmarks = new LandmarkKernel(_points.Points, _observations, _landmarkOptions.OutlierSigmas),
            Pose = pose,
            Cx = cx,
            Cy = cy,
        };
        (_focalPrior, _focalSigma) = LandmarkFit.FocalPriorOf(SyntheticFace.Width, SyntheticFace.Height, null, _landmarkOptions);
        var basis = new float[9];
        PhotoKernel.Basis(Vector3.UnitZ, basis);
        basis.Select(v => (double)v).ToArray().CopyTo(_front, 0);
    }

    public int Iterations => _options.Iterations;

    /// <summary>All iterations, without the landmarks' and weights' refresh between them.</summary>
    public SceneState Run() => _fit.Run(_start, _view, _focalPrior, _focalSigma, _front, (_, _) => { }, StageContext.None);

    /// <summary>Everything that a twin needs for the same work, and what comes out of it.</summary>
    public void Describe(Dictionary<string, Tensor> tensors, Dictionary<string, string> numbers)
    {
        var units = _fit.MakeUnits();
        tensors["units"] = tensor(units);
        tensors["start"] = tensor(Unknowns(_start, withPose: true));
        tensors["end"] = tensor(Unknowns(Run(), withPose: false));
        (tensors["mean"], tensors["basis"], tensors["laplacian"]) = (_model.Mean, _model.Basis, _model.Laplacian);
        (tensors["albedoMean"], tensors["albedoBasis"]) = (_model.AlbedoMean, _model.AlbedoBasis);
        tensors["triangles"] = Indices(_subset.Triangles).reshape(-1, 3);
        tensors["weights"] = tensor(_view.Weights);
        tensors["target"] = tensor(_view.Target.Planes, [1, 3, _view.Target.Side, _view.Target.Side]);
        tensors["rotation"] = Floats(_start.Pose.Rotation).reshape(3, 3);
        tensors["pose"] = tensor(new[] { _start.Pose.Tx, _start.Pose.Ty, _start.Pose.LogScale, _start.Pose.LogCurvature }).to(float32);
        tensors["lightMean"] = Floats(Enumerable.Range(0, 9).Select(_prior.Mean)).reshape(9, 1);
        tensors["lightSigma"] = Floats(Enumerable.Range(0, 9).Select(_prior.Sigma)).reshape(9, 1);
        tensors["front"] = Floats(_front).reshape(1, 9);
        DescribeLandmarks(tensors);
        void Number(string name, double value) => numbers[name] = value.ToString("R", CultureInfo.InvariantCulture);
        Number("iterations", Iterations);
        Number("identities", _model.Identities);
        Number("expressions", _model.Expressions);
        Number("albedos", _model.Albedos);
        Number("learningRate", _options.LearningRate);
        Number("lambdaPhoto", _options.LambdaPhoto);
        Number("lambdaLandmark", _options.LambdaLandmark);
        Number("lambdaIdentity", _options.LambdaIdentity);
        Number("lambdaExp", _options.LambdaExp);
        Number("lambdaLap", _options.LambdaLap);
        Number("lambdaAlb", _options.LambdaAlb);
        Number("lambdaLight", _options.LambdaLight);
        Number("brightness", _prior.Brightness);
        Number("brightnessSigma", _prior.BrightnessSigma);
        Number("chromaSigma", _prior.ChromaSigma);
        Number("focalPrior", _focalPrior);
        Number("focalSigma", _focalSigma);
        Number("distancePrior", _options.DistancePrior);
        Number("distanceSigma", _options.DistanceSigma);
        Number("outlierSigmas", _landmarkOptions.OutlierSigmas);
        Number("targetScale", _view.Target.Scale);
        Number("targetX", (_view.Cx - _view.Target.Corner.X) * _view.Target.Scale);
        Number("targetY", (_view.Cy - _view.Target.Corner.Y) * _view.Target.Scale);
    }

    private void DescribeLandmarks(Dictionary<string, Tensor> tensors)
    {
        var points = _points.Points;
        var positions = new double[3 * points.Count];
        points.Evaluate(new double[points.Parameters], positions);
        tensors["points"] = Floats(positions);
        tensors["pointBasis"] = Floats(Enumerable.Range(0, positions.Length).SelectMany(i => points.Gradient(i / 3, i % 3).ToArray())).reshape(positions.Length, points.Parameters);
        tensors["first"] = Indices(_observations.Select(o => o.First));
        tensors["second"] = Indices(_observations.Select(o => o.Second));
        tensors["blend"] = Floats(_observations.Select(o => o.Blend));
        tensors["landmarks"] = Floats(_observations.SelectMany(o => new[] { o.Target.X - _view.Cx, o.Target.Y - _view.Cy })).reshape(-1, 2);
        tensors["landmarkWeights"] = Floats(_observations.Select(o => o.Weight));
        tensors["contour"] = Floats(_observations.SelectMany(o => new double[] { o.Normal.X, o.Normal.Y })).reshape(-1, 2);
        tensors["onContour"] = Floats(_observations.Select(o => o.Normal == Vector2.Zero ? 0.0 : 1));
    }

    private float[] Unknowns(SceneState state, bool withPose)
    {
        var units = _fit.MakeUnits();
        return [.. state.Shape.Select((v, i) => (float)v / units[i]), .. new float[withPose ? 7 : 0], .. state.Light.Select(v => v / LightUnit), .. state.Albedo];
    }

    private static Tensor Floats(IEnumerable<double> values) => tensor(values.Select(v => (float)v).ToArray());

    private static Tensor Indices(IEnumerable<int> values) => tensor(values.Select(v => (long)v).ToArray());
}
