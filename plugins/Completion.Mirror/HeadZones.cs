using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Completion;

/// <summary>
/// Where on a head what may be expected, from the template's regions and the head's own measures, so that it is smooth and needs no photograph.
/// One value in [0, 1] for each covered texel of the atlas that it is made for, in <see cref="AtlasRaster.Covered"/>'s order.
/// </summary>
internal sealed class HeadZones
{
    // Of the face's half width: as far out as the outer corners of the eyes.
    private const float EyeCorner = 0.6f;

    // As far out as the middle of the eyes: no hair that hangs from the side is followed further in.
    private const float Cheek = 0.35f;

    // Of the face's height above the chin: where sideburns end.
    private const float Sideburn = 0.5f;

    private HeadZones(AtlasRaster atlas, Vector3[] positions, CancellationToken cancellation)
    {
        var regions = atlas.Template.Regions;
        var none = new float[positions.Length];
        float[] Vertex(string name) => regions.TryGetValue(name, out var r) ? r : none;
        float[] Region(string name) => atlas.Interpolate(Vertex(name), cancellation);
        var (low, high) = FaceBox(positions, Vertex("face"));
        var (half, height) = (high.X, high.Y - low.Y);
        (Face, Ears, Neck, Scalp, Stubble) = (Region("face"), Region("ears"), Region("neck"), Region("scalp"), Region("stubble"));
        var features = new[] { "brows", "eyelids", "nose", "lips", "eyeballs", "eye_sockets", "mouth_socket" }.Select(Region).ToArray();
        Position = atlas.Interpolate(positions, cancellation);
        Forehead = Region("forehead");
        VertexTemple = [.. positions.Select(p => Rise(p.Y, low.Y + ((Sideburn - 0.06f) * height), low.Y + ((Sideburn + 0.06f) * height)))];
        Temple = atlas.Interpolate(VertexTemple, cancellation);
        (Side, Inner, Feature) = (new float[Face.Length], new float[Face.Length], new float[Face.Length]);
        for (var k = 0; k < Face.Length; k++)
        {
            var p = Position[k];
            Side[k] = Rise(MathF.Abs(p.X), (EyeCorner - 0.1f) * half, (EyeCorner + 0.1f) * half);
            Inner[k] = Face[k] * (1 - Forehead[k]) * (1 - Rise(MathF.Abs(p.X), (Cheek - 0.1f) * half, (Cheek + 0.1f) * half));
            foreach (var feature in features)
            {
                Feature[k] = MathF.Max(Feature[k], feature[k]);
            }
        }
    }

    public static HeadZones Make(AtlasRaster atlas, Vector3[] positions, CancellationToken cancellation) => new(atlas, positions, cancellation);

    public Vector3[] Position { get; }

    public float[] Face { get; }

    public float[] Ears { get; }

    public float[] Neck { get; }

    public float[] Scalp { get; }

    /// <summary>Where beards grow.</summary>
    public float[] Stubble { get; }

    /// <summary>Beyond the outer corners of the eyes.</summary>
    public float[] Side { get; }

    /// <summary>The face between the pupils, below the forehead.</summary>
    public float[] Inner { get; }

    public float[] Forehead { get; }

    /// <summary>Above the ends of sideburns.</summary>
    public float[] Temple { get; }

    /// <summary>The same for the vertices.</summary>
    public float[] VertexTemple { get; }

    /// <summary>Brows, eyes, nose and mouth: never doubted.</summary>
    public float[] Feature { get; }

    public static float Rise(float x, float from, float to)
    {
        var t = Math.Clamp((x - from) / (to - from), 0, 1);
        return t * t * (3 - (2 * t));
    }

    // x: half width; y: from chin to hairline.
    private static (Vector2 Low, Vector2 High) FaceBox(Vector3[] positions, float[] face)
    {
        var (low, high) = (new Vector2(float.MaxValue), new Vector2(float.MinValue));
        for (var i = 0; i < face.Length; i++)
        {
            if (face[i] > 0.5f)
            {
                var p = new Vector2(MathF.Abs(positions[i].X), positions[i].Y);
                (low, high) = (Vector2.Min(low, p), Vector2.Max(high, p));
            }
        }

        return low.X <= high.X ? (low, high) : (Vector2.Zero, Vector2.One);
    }
}
