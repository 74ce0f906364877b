using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// Draws a finished head under an environment: visible surface points, their maps, the shading model on each, two by two samples a pixel.
/// </summary>
/// <remarks>
/// The environment enters as spherical harmonics to l = 8, and as radiance/π: Eq. 6 has no 1/π, so only then is its albedo a reflectance, and
/// Eq. 5 has one γ for all of its terms. (Radiance itself in Eq. 8 was tried: its Fresnel term, which knows no roughness, then draws a
/// white outline around every head.) Eyeballs, which the maps describe
/// badly, mirror the environment sharply on a cornea's curvature. Behind the head lies the blurred environment; the neck fades into it.
/// </remarks>
public sealed class AvatarRenderer
{
    private const int Block = 1 << 15;
    private const int Supersampling = 2;

    private readonly SurfaceSampler _surface;

    /// <param name="scene">Used as it is; maps are sampled bilinearly.</param>
    public AvatarRenderer(AvatarScene scene)
    {
        Scene = scene;
        _surface = new SurfaceSampler(scene);
    }

    public AvatarScene Scene { get; }

    /// <summary>Reads an avatar's folder, maps reduced to 2048 texels, which is more than a picture of the whole head can show.</summary>
    /// <exception cref="MoSarException">See <see cref="AvatarScene.Load"/>.</exception>
    public static AvatarRenderer Load(string folder, CancellationToken cancellation = default) =>
        new(AvatarScene.Load(folder, cancellation).WithMapsUpTo(2048));

    /// <summary>The whole head from the front.</summary>
    /// <param name="environment">The surroundings, in the head's frame.</param>
    /// <param name="yawDegrees">Turns the surroundings about the vertical, positive from +Z towards +X.</param>
    /// <param name="shading">How the surface answers.</param>
    /// <param name="term">One of the model's terms, or null for all of them.</param>
    /// <param name="size">Side of the picture in pixels.</param>
    /// <returns>size × size × 3, linear display light in [0, 1] (after <see cref="ToneCurve"/>).</returns>
    /// <exception cref="MoSarException"><c>unknown-shading-term</c>.</exception>
    public Image Render(EnvironmentMap environment, float yawDegrees, IShadingModel shading, string? term = null, int size = 1024, CancellationToken cancellation = default) =>
        Render(AvatarView.Portrait(Scene.Positions, size), environment.Turned(float.DegreesToRadians(yawDegrees)), shading, term, cancellation);

    /// <summary>As above, from any view.</summary>
    public Image Render(AvatarView view, EnvironmentMap environment, IShadingModel shading, string? term = null, CancellationToken cancellation = default)
    {
        if (term is not null && !shading.Terms.Contains(term))
        {
            throw new MoSarException("unknown-shading-term", $"The shading model has no term '{term}'.", $"Its terms are: {string.Join(", ", shading.Terms)}.");
        }

        var light = new ShLight([.. environment.ToSphericalHarmonics().Coefficients.Select(c => c / MathF.PI)]);
        var context = StageContext.None with { Cancellation = cancellation };
        var backdrop = term is null ? new Backdrop(environment, view) : null;
        return Draw(view, cancellation, backdrop, (samples, colours) =>
        {
            shading.Run(new ShadingInput(samples.Points, light, term), context).CopyTo(colours, 0);
            if (term is null or "specular")
            {
                AddGlints(samples, environment, colours);
            }
        });
    }

    /// <summary>The shape alone: matt grey with the normal map's relief under three fixed lights.</summary>
    public Image RenderGeometry(AvatarView view, CancellationToken cancellation = default)
    {
        var key = Vector3.Normalize(view.Camera.RotateBack(new(-0.55f, 0.55f, 0.75f)));
        var fill = Vector3.Normalize(view.Camera.RotateBack(new(0.9f, 0.05f, 0.55f)));
        var rim = Vector3.Normalize(view.Camera.RotateBack(new(0.5f, 0.5f, -0.8f)));
        return Draw(view, cancellation, null, (samples, colours) =>
        {
            for (var i = 0; i < samples.Count; i++)
            {
                var n = new Vector3(samples.Points.Normals.AsSpan(i * 3, 3));
                var v = new Vector3(samples.Points.Views.AsSpan(i * 3, 3));
                var wide = MathF.Max(0, (Vector3.Dot(n, key) * 0.9f) + 0.1f);
                var half = MathF.Max(0, Vector3.Dot(n, Vector3.Normalize(key + v)));
                var light = new Vector3(0.70f, 0.69f, 0.67f) * wide;
                light += new Vector3(0.16f, 0.18f, 0.21f) * MathF.Max(0, Vector3.Dot(n, fill));
                light += new Vector3(0.5f, 0.55f, 0.6f) * MathF.Max(0, Vector3.Dot(n, rim));
                light += new Vector3(0.085f, 0.09f, 0.10f) * (1 + (0.5f * n.Y));
                var colour = (light * (0.62f * samples.Points.Occlusion[i])) + new Vector3(0.06f * MathF.Pow(half, 24));
                colour.CopyTo(colours.AsSpan(i * 3, 3));
            }
        });
    }

    /// <summary>The shape alone under light that skims over the face from both sides, warm and cool: folds, dents and waves of a tenth of a millimetre cast a shade.</summary>
    /// <returns>As <see cref="RenderGeometry"/>.</returns>
    public Image RenderGrazing(AvatarView view, CancellationToken cancellation = default)
    {
        var left = Vector3.Normalize(view.Camera.RotateBack(new(-0.95f, 0.28f, 0.2f)));
        var right = Vector3.Normalize(view.Camera.RotateBack(new(0.97f, 0.12f, 0.2f)));
        return Draw(view, cancellation, null, (samples, colours) =>
        {
            for (var i = 0; i < samples.Count; i++)
            {
                var n = new Vector3(samples.Points.Normals.AsSpan(i * 3, 3));
                var light = new Vector3(1.0f, 0.86f, 0.7f) * MathF.Max(0, Vector3.Dot(n, left));
                light += new Vector3(0.28f, 0.4f, 0.6f) * MathF.Max(0, Vector3.Dot(n, right));
                (light + new Vector3(0.02f)).CopyTo(colours.AsSpan(i * 3, 3));
            }
        });
    }

    private Image Draw(AvatarView view, CancellationToken cancellation, Backdrop? backdrop, Action<SurfaceSamples, float[]> shade)
    {
        var buffer = _surface.Visible(view, Supersampling, cancellation);
        var triangle = buffer.Triangle;
        var covered = new List<int>(triangle.Length / 2);
        for (var i = 0; i < triangle.Length; i++)
        {
            if (triangle[i] >= 0)
            {
                covered.Add(i);
            }
        }

        var colour = new float[triangle.Length * 3];
        var alpha = new float[triangle.Length];
        var samples = new SurfaceSamples(Block);
        for (var first = 0; first < covered.Count; first += Block)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(Block, covered.Count - first);
            if (count != samples.Count)
            {
                samples = new SurfaceSamples(count);
            }

            _surface.Sample(view.Camera, covered, first, buffer, samples);
            var shaded = new float[count * 3];
            shade(samples, shaded);
            for (var k = 0; k < count; k++)
            {
                var i = covered[first + k];
                alpha[i] = samples.Alpha[k];
                shaded.AsSpan(k * 3, 3).CopyTo(colour.AsSpan(i * 3, 3));
            }
        }

        return Resolve(view, colour, alpha, backdrop);
    }

    // Tone-mapped before averaging: a bright edge sample must not shine over its neighbours.
    private static Image Resolve(AvatarView view, float[] colour, float[] alpha, Backdrop? backdrop)
    {
        var image = new Image(view.Width, view.Height, 3);
        var fineWidth = view.Width * Supersampling;
        Parallel.For(0, view.Height, y =>
        {
            for (var x = 0; x < view.Width; x++)
            {
                var behind = ToneCurve.Apply(backdrop?.Colour(x, y) ?? Grey(view, x, y));
                var sum = Vector3.Zero;
                for (var s = 0; s < Supersampling * Supersampling; s++)
                {
                    var i = (((y * Supersampling) + (s / Supersampling)) * fineWidth) + (x * Supersampling) + (s % Supersampling);
                    sum += Vector3.Lerp(behind, ToneCurve.Apply(Vector3.Max(Vector3.Zero, new Vector3(colour.AsSpan(i * 3, 3)))), alpha[i]);
                }

                (sum / (Supersampling * Supersampling)).CopyTo(image.Pixels.AsSpan(((y * view.Width) + x) * 3, 3));
            }
        });
        return image;
    }

    private static Vector3 Grey(AvatarView view, int x, int y)
    {
        var d = new Vector2((x + 0.5f) / view.Width, (y + 0.5f) / view.Height) - new Vector2(0.5f, 0.42f);
        return new Vector3(0.046f, 0.048f, 0.053f) * (1.25f - (1.1f * d.LengthSquared()));
    }

    private static void AddGlints(SurfaceSamples samples, EnvironmentMap environment, float[] colours)
    {
        for (var i = 0; i < samples.Count; i++)
        {
            var n = samples.Cornea[i];
            if (n == Vector3.Zero)
            {
                continue;
            }

            var v = new Vector3(samples.Points.Views.AsSpan(i * 3, 3));
            var cos = Math.Clamp(Vector3.Dot(n, v), 0, 1);
            var mirrored = (2 * cos * n) - v;

            // Tear film: index 1.34. Lids and lashes hide what is overhead.
            var fresnel = 0.021f + (0.979f * MathF.Pow(1 - cos, 5));
            var open = 1 - Math.Clamp((mirrored.Y - 0.65f) / 0.25f, 0, 1);
            var glint = Vector3.Min(environment.Radiance(Vector3.Normalize(mirrored)), new Vector3(40)) * (fresnel * open * samples.Points.Occlusion[i]);
            colours[i * 3] += glint.X;
            colours[(i * 3) + 1] += glint.Y;
            colours[(i * 3) + 2] += glint.Z;
        }
    }
}
