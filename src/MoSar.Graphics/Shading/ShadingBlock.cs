using System.Numerics;
using System.Runtime.CompilerServices;

namespace MoSar.Graphics;

/// <summary>64 shading points laid out channel by channel, so that the kernel reads and writes whole vectors whatever the caller's strides.</summary>
internal unsafe struct ShadingBlock
{
    public const int Albedo = 0;
    public const int Normal = 3;
    public const int View = 6;
    public const int Specular = 9;
    public const int Occlusion = 10;
    public const int Translucency = 11;
    public const int Output = 12;
    public const int Upstream = 12;

    private const int Size = 64;
    private const int Lanes = 15;

    private fixed float _values[Size * Lanes];

    public Vector<float> this[int lane, int i]
    {
        get => Unsafe.ReadUnaligned<Vector<float>>(ref Unsafe.As<float, byte>(ref _values[(lane * Size) + i]));
        set => Unsafe.WriteUnaligned(ref Unsafe.As<float, byte>(ref _values[(lane * Size) + i]), value);
    }

    public (Vector<float> X, Vector<float> Y, Vector<float> Z) Direction(int lane, int i) => (this[lane, i], this[lane + 1, i], this[lane + 2, i]);

    public void SetDirection(int lane, int i, Vector<float> x, Vector<float> y, Vector<float> z) => (this[lane, i], this[lane + 1, i], this[lane + 2, i]) = (x, y, z);

    public void Load(in ShadingBuffers from, int at, int n)
    {
        Gather(Albedo, from.Albedo, from, at, n);
        Gather(Normal, from.Normals, from, at, n);
        Gather(View, from.Views, from, at, n);
        Copy(Specular, from.Specular, at, n);
        Copy(Occlusion, from.Occlusion, at, n);
        Copy(Translucency, from.Translucency, at, n);
    }

    public void LoadUpstream(in ShadingBuffers layout, int at, int n, float* upstream) => Gather(Upstream, upstream, layout, at, n);

    public void StoreOutput(in ShadingBuffers layout, int at, int n, float* output) => Scatter(Output, output, layout, at, n);

    public void StoreGradients(in ShadingBuffers to, int at, int n)
    {
        Scatter(Albedo, to.Albedo, to, at, n);
        Scatter(Normal, to.Normals, to, at, n);
        Scatter(View, to.Views, to, at, n);
        Store(Specular, to.Specular, at, n);
        Store(Occlusion, to.Occlusion, at, n);
        Store(Translucency, to.Translucency, at, n);
    }

    // A tail shorter than the block is padded with zeros: zero upstream gradients add nothing to the light's.
    private void Gather(int lane, float* source, in ShadingBuffers layout, int at, int n)
    {
        for (var c = 0; c < 3; c++)
        {
            var lanes = Values(lane + c);
            if (source == null)
            {
                lanes.Clear();
                continue;
            }

            var p = source + ((long)at * layout.PointStride) + ((long)c * layout.ChannelStride);
            for (var i = 0; i < n; i++)
            {
                lanes[i] = p[(long)i * layout.PointStride];
            }

            lanes[n..].Clear();
        }
    }

    private void Copy(int lane, float* source, int at, int n)
    {
        var lanes = Values(lane);
        if (source == null)
        {
            lanes.Fill(lane == Occlusion ? 1 : 0);
            return;
        }

        new ReadOnlySpan<float>(source + at, n).CopyTo(lanes);
        lanes[n..].Clear();
    }

    private void Scatter(int lane, float* target, in ShadingBuffers layout, int at, int n)
    {
        if (target == null)
        {
            return;
        }

        for (var c = 0; c < 3; c++)
        {
            var lanes = Values(lane + c);
            var p = target + ((long)at * layout.PointStride) + ((long)c * layout.ChannelStride);
            for (var i = 0; i < n; i++)
            {
                p[(long)i * layout.PointStride] = lanes[i];
            }
        }
    }

    private void Store(int lane, float* target, int at, int n)
    {
        if (target != null)
        {
            Values(lane)[..n].CopyTo(new Span<float>(target + at, n));
        }
    }

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    private Span<float> Values(int lane) => System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref _values[lane * Size], Size);
}
