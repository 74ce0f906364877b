using System.Numerics;
using BenchmarkDotNet.Attributes;
using MoSar.Graphics;
using MoSar.Graphics.Tests;

namespace MoSar.Benchmarks;

/// <summary>Pictures, harmonics, rasters and rays at the sizes of a run. graphics_twin.py does the same work where PyTorch can.</summary>
[MemoryDiagnoser]
public class GraphicsBenchmarks
{
    private const int Directions = 1_000_000;

    // About the template's size: 13.9k vertices, 27.7k triangles.
    private readonly Mesh _head = Bodies.Head(100, 140);
    private readonly PinholeCamera _camera = Bodies.Camera(1350);
    private readonly Image _atlas4096 = Smooth(4096);
    private readonly Image _atlas1024 = Smooth(1024);
    private readonly Image _photo = Smooth(1350);
    private readonly float[] _directions = Lights.Directions(Directions).Directions;
    private readonly float[] _colours = new float[3 * Directions];
    private readonly ShExpansion _diffuse = new(Lights.Random(2), 2, SphericalHarmonics.Lambertian);
    private readonly ShExpansion _glossy = new(Lights.Random(8), 8, l => SphericalHarmonics.Glossy(l, 0.2));
    private readonly RayScene _scene;
    private readonly RayScene _fastScene;
    private readonly Vector3[] _origins;
    private readonly Vector3[] _views;
    private readonly Vector3[] _points;
    private readonly Vector3[] _normals;

    public GraphicsBenchmarks()
    {
        (_scene, _fastScene) = (new RayScene(_head), new RayScene(_head, watertight: false));
        (_origins, _views) = (new Vector3[1350 * 1350], new Vector3[1350 * 1350]);
        for (int i = 0; i < _origins.Length; i++)
        {
            var d = new Vector3((float)(((i % 1350) + 0.5 - _camera.Cx) / _camera.Fx), (float)((_camera.Cy - (i / 1350) - 0.5) / _camera.Fy), -1);
            (_origins[i], _views[i]) = (_camera.Centre, _camera.RotateBack(d));
        }

        AtlasRaster atlas = AtlasRaster.For(_head.Template, 256);
        _points = atlas.Interpolate(_head.Positions);
        _normals = atlas.InterpolateUnit(MeshNormals.Of(_head));
    }

    [Benchmark]
    public byte[] Png8() => ImageFile.EncodePng(_atlas4096);

    [Benchmark]
    public byte[] Png16() => ImageFile.EncodePng(_atlas4096, 16, ColourEncoding.Linear);

    [Benchmark]
    public Image Bicubic() => Resample.Bicubic(_atlas1024, 4096, 4096);

    /// <summary>On one core, as inside a shading loop.</summary>
    [Benchmark]
    public void HarmonicsDiffuse() => _diffuse.Evaluate(_directions, _colours);

    [Benchmark]
    public void HarmonicsGlossy() => _glossy.Evaluate(_directions, _colours);

    [Benchmark]
    public RasterBuffer Raster() => Rasterizer.Draw(_camera, _head, 1350, 1350);

    [Benchmark]
    public GBuffer GBuffer() => MeshRenderer.Render(_head, _camera, 1350, 1350, 1);

    [Benchmark]
    public PartialTexture UvProjection() => UvProjector.Project(_photo, _head, _camera, 1024);

    /// <summary>1.8 M rays.</summary>
    [Benchmark]
    public RayHits CameraRays() => _scene.Closest(_origins, _views, coherent: true);

    /// <summary>59 k points with 64 rays: 3.8 M rays.</summary>
    [Benchmark]
    public float[] Openness() => _fastScene.Openness(_points, _normals, 64, far: 200);

    internal int OpennessRays => 64 * _points.Length;

    internal static Image Smooth(int size)
    {
        var image = new Image(size, size, 3);
        Parallel.For(0, size, y =>
        {
            // Skin's spectrum, roughly: slow shading with a grain of one or two codes.
            var random = new Random(y);
            Span<float> row = image.Row(y);
            for (int i = 0; i < row.Length; i++)
                row[i] = 0.4f + (0.2f * MathF.Sin(0.002f * i)) + (0.2f * MathF.Cos(0.005f * y)) + (0.004f * random.NextSingle());
        });
        return image;
    }
}

internal static class GraphicsTwins
{
    internal static IReadOnlyList<Twin> All()
    {
        var b = new GraphicsBenchmarks();
        return
        [
            new("PNG, 4096² RGB 8-bit sRGB, both cores", () => b.Png8(), 1),
            new("PNG, 4096² RGB 16-bit, both cores", () => b.Png16(), 1),
            new("bicubic 1024² to 4096² RGB", () => b.Bicubic(), 1),
            new("SH light l=2, 1 M directions, one core", b.HarmonicsDiffuse, 3),
            new("SH light l=8, 1 M directions, one core", b.HarmonicsGlossy, 3),
            new("raster 1350², 28 k triangles", () => b.Raster(), 3),
            new("G-buffer 1350²", () => b.GBuffer(), 2),
            new("photograph to 1024² atlas with visibility", () => b.UvProjection(), 2),
            new("closest hits, 1.8 M camera rays", () => b.CameraRays(), 2),
            new($"ambient occlusion, {b.OpennessRays / 1e6:f1} M rays", () => b.Openness(), 1),
        ];
    }
}
