using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Learning;
using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Benchmarks;

/// <summary>
/// The vertex renderer of 3.1 on 16 heads of the shipped template (13,636 vertices) in 128² pictures: normals, shading, projection, samples and L_photo over
/// given visibility. renderer_twin.py does the same in eager operators. Without a twin: visibility by depth buffer and by rays.
/// </summary>
internal sealed class RendererBenchmarks : IDisposable
{
    private const int Rows = 16, Side = 128;

    private readonly FaceModel _model = FaceModel.Load(Path.Combine(AppContext.BaseDirectory, "face.safetensors"));
    private readonly MeshTopology _topology;
    private readonly Tensor _vertices, _light, _albedo, _image, _weights;
    private readonly CameraTensors _camera;
    private readonly Tensor _from = rand(16 << 20), _to = empty(16 << 20);
    private readonly LaplacianLoss _laplacian;

    public RendererBenchmarks()
    {
        manual_seed(1);
        _topology = new MeshTopology(_model.Template);
        _laplacian = new LaplacianLoss(_topology);
        var mean = tensor(_model.Mean.SelectMany(p => new[] { p.X, p.Y, p.Z }).ToArray(), [1, _model.Mean.Length, 3]);
        _vertices = mean + (randn(Rows, 1, 3) * 5);
        _light = (randn(Rows, 9, 3) * 0.1) + cat([ones(1, 1, 3), zeros(1, 8, 3)], 1);
        _albedo = tensor(_model.AlbedoMean, [1, _model.Mean.Length, 3]) + (rand(Rows, _model.Mean.Length, 3) * 0.1);
        _image = rand(Rows, 3, Side, Side);
        var code = new SceneCode(new SceneSizes(1, 1, 1), SceneStart.Of(_model.Template, _model.Mean));
        var scene = code.Decode(randn(Rows, code.Length) * 0.2, Side);
        _camera = scene.Camera;
        _weights = VertexVisibility.Of(_vertices, VertexNormals.Of(_vertices, _topology), _camera, _topology, Side, Side, _model.Template.Regions["face"]);
    }

    public IReadOnlyList<Twin> Twins() =>
    [
        new("renderer 16 heads, forward", () => Forward(false, Render), 2),
        new("renderer 16 heads, forward and backward", () => Forward(true, Render), 2),
        new("normals, forward and backward", () => Forward(true, l => VertexNormals.Of(l[0], _topology).sum()), 2),
        new("shading, forward and backward", () => Forward(true, l => VertexShading.Shade(l[0], l[1], l[2]).sum()), 2),
        new("projection, forward and backward", () => Forward(true, l => PerspectiveProjection.Project(l[0], Camera(l)).sum()), 2),
        new("samples, forward and backward", () => Forward(true, l => ImageSampling.Sample(_image, PerspectiveProjection.Project(l[0], Camera(l))).sum()), 2),
        new("Laplacian loss, forward and backward", () => Forward(true, l => _laplacian.Of(l[0])), 2),
        new("copy of 64 MiB", () => _to.copy_(_from), 2),
        new("visibility by depth buffer", DepthBuffer, 2),
        new("visibility by rays, trees included", Rays, 1),
    ];

    /// <summary>What the twin works on.</summary>
    public void WriteScene(string path) => Weights.SaveTensors(
        path,
        new Dictionary<string, Tensor>
        {
            ["vertices"] = _vertices,
            ["triangles"] = tensor(_model.Template.Triangles.Select(i => (long)i).ToArray()),
            ["light"] = _light,
            ["albedo"] = _albedo,
            ["image"] = _image,
            ["weights"] = _weights,
            ["rotation"] = _camera.Rotation,
            ["translation"] = _camera.Translation,
            ["log_focal"] = _camera.LogFocal,
        });

    public void Dispose() => _from.Dispose();

    private static CameraTensors Camera(Tensor[] l) => new(l[3], l[4], l[5], l[6]);

    private Tensor Render(Tensor[] l)
    {
        var colours = VertexShading.Shade(VertexNormals.Of(l[0], _topology), l[1], l[2]);
        var samples = ImageSampling.Sample(_image, PerspectiveProjection.Project(l[0], Camera(l)));
        return PhotoLoss.Of(colours, samples, _weights);
    }

    private void Forward(bool backward, Func<Tensor[], Tensor> make)
    {
        using var scope = NewDisposeScope();
        Tensor[] leaves = [_vertices, _light, _albedo, _camera.Rotation, _camera.Translation, _camera.LogFocal];
        leaves = [.. leaves.Select(t => t.detach().requires_grad_(backward)), _camera.Principal];
        var loss = make(leaves);
        if (backward)
        {
            loss.backward();
        }
    }

    private void DepthBuffer()
    {
        using var scope = NewDisposeScope();
        VertexVisibility.Of(_vertices, VertexNormals.Of(_vertices, _topology), _camera, _topology, Side, Side);
    }

    private void Rays()
    {
        var values = _vertices.data<float>().ToArray();
        for (var row = 0; row < Rows; row++)
        {
            var positions = new Vector3[_topology.VertexCount];
            for (var v = 0; v < positions.Length; v++)
            {
                var at = 3 * ((row * positions.Length) + v);
                positions[v] = new Vector3(values[at], values[at + 1], values[at + 2]);
            }

            var normals = MeshNormals.AreaWeighted(positions, _topology.Triangles);
            var centre = _camera.Pinhole(row).Centre;
            var facing = Enumerable.Range(0, positions.Length).Where(v => Vector3.Dot(normals[v], centre - positions[v]) > 0).ToArray();
            using var scene = new RayScene(positions, _topology.Triangles);
            scene.Closest([.. facing.Select(_ => centre)], [.. facing.Select(v => positions[v] - centre)], coherent: true);
        }
    }
}
