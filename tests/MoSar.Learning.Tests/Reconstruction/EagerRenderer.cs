using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests;

/// <summary>The same mathematics in LibTorch's own operators, float64: what the kernels are compared with.</summary>
internal static class EagerRenderer
{
    public static Tensor Normals(Tensor positions, MeshTopology topology)
    {
        var corners = Enumerable.Range(0, 3).Select(k => tensor(topology.Triangles.Where((_, i) => i % 3 == k).Select(i => (long)i).ToArray())).ToArray();
        var (a, b, c) = (positions.index_select(1, corners[0]), positions.index_select(1, corners[1]), positions.index_select(1, corners[2]));
        var faces = Cross(b - a, c - a);
        var sum = zeros_like(positions);
        foreach (var corner in corners)
        {
            sum = sum.index_add(1, corner, faces, 1);
        }

        return sum / (sum * sum).sum(2, keepdim: true).sqrt();
    }

    /// <summary>The basis written out from its definition, with A_l.</summary>
    public static Tensor Shade(Tensor normals, Tensor light, Tensor albedo)
    {
        var (x, y, z) = (normals.select(2, 0), normals.select(2, 1), normals.select(2, 2));
        double C(double a, double b) => Math.Sqrt(a / (b * Math.PI));
        var basis = stack(
            [
                ones_like(x) * C(1, 4), y * C(3, 4), z * C(3, 4), x * C(3, 4),
                x * y * C(15, 4), y * z * C(15, 4), ((3 * z * z) - 1) * C(5, 16), x * z * C(15, 4), ((x * x) - (y * y)) * C(15, 16),
            ],
            2);
        var lambert = tensor(new[] { 0, 1, 1, 1, 2, 2, 2, 2, 2 }.Select(l => new[] { Math.PI, 2 * Math.PI / 3, Math.PI / 4 }[l]).ToArray());
        return albedo * (basis * lambert).matmul(light);
    }

    public static Tensor Project(Tensor vertices, CameraTensors camera)
    {
        var p = vertices.matmul(camera.Rotation.transpose(1, 2)) + camera.Translation.unsqueeze(1);
        var depth = -p.select(2, 2);
        var f = camera.LogFocal.exp().unsqueeze(1);
        return stack([(f * p.select(2, 0) / depth) + camera.Principal.narrow(1, 0, 1), camera.Principal.narrow(1, 1, 1) - (f * p.select(2, 1) / depth)], 2);
    }

    public static Tensor Sample(Tensor image, Tensor positions)
    {
        var size = tensor(new double[] { image.shape[3], image.shape[2] });
        var grid = ((positions / size * 2) - 1).unsqueeze(1);
        var colours = nn.functional.grid_sample(image, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Border, false);
        return colours.squeeze(2).transpose(1, 2);
    }

    public static Tensor Cross(Tensor a, Tensor b)
    {
        var (p, q) = (a.unbind(2), b.unbind(2));
        return stack([(p[1] * q[2]) - (p[2] * q[1]), (p[2] * q[0]) - (p[0] * q[2]), (p[0] * q[1]) - (p[1] * q[0])], 2);
    }
}
