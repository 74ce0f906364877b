namespace MoSar.Graphics;

/// <summary>
/// Where the kernel finds (or leaves) the inputs of N shading points, in raw memory that the caller keeps alive and pinned: managed
/// arrays or tensors alike. Value k of point i of a three-channel input lies at [i·PointStride + k·ChannelStride]; single-channel inputs are
/// dense. So interleaved images have strides (3, 1) and planar tensors (1, N).
/// </summary>
public unsafe struct ShadingBuffers
{
    /// <summary>d of Eq. 6, 3N.</summary>
    public float* Albedo;

    /// <summary>s of Eq. 8, N.</summary>
    public float* Specular;

    /// <summary>a of Eq. 6, N; null as an input means 1 everywhere.</summary>
    public float* Occlusion;

    /// <summary>t of Eq. 7, N.</summary>
    public float* Translucency;

    /// <summary>n, 3N unit vectors.</summary>
    public float* Normals;

    /// <summary>3N unit vectors from the point towards the camera.</summary>
    public float* Views;

    public int PointStride;

    public int ChannelStride;
}
