using System.Numerics;
using MoSar.Graphics;

namespace MoSar.LightStage.Skins;

/// <summary>
/// A person's maps in the template's atlas, from parameters alone. They belong together: the furrow in the displacement is the furrow in the
/// normals, the occlusion and (a little) the colour; a mole is brown and stands out.
/// </summary>
public static class SkinMaker
{
    // Brown of spots and red of blemishes, in units of the pigment axes.
    private const float FreckleMelanin = 0.55f, MoleMelanin = 1.5f, BlemishBlood = 0.7f;

    // Of the painted relief this much gives way to a donor's where that is known: both have pores.
    private const float PaintedRelief = 0.6f;

    // How much of a brow's colour its skin has.
    private const float BetweenBrows = 0.38f;

    // Part of a furrow's or pore's occlusion that multiple scattering leaves dark in the reflectance itself, per mm of depth.
    private const float Dirt = 0.5f;

    /// <param name="space">The atlas, at the resolution of the maps.</param>
    /// <param name="skin">The person.</param>
    /// <param name="mesh">The head that wears it: gives occlusion, thickness and the texels' true size.</param>
    /// <param name="bank">Real people's fine skin to recombine; null paints all of it. Brows are always painted: their landmarks must be known.</param>
    /// <returns>diffuse, specular, ambient_occlusion, translucency, displacement, normal.</returns>
    public static MapSet Make(SkinSpace space, SkinParameters skin, Mesh mesh, SkinBank? bank = null, CancellationToken cancellation = default)
    {
        var layers = new Layers(space, skin);
        var height = SkinRelief.Make(space, skin, layers.Raised);
        var logs = space.Atlas.Interpolate(SkinBase.Make(space.Model, skin));
        if (bank?.Compose(space, skin) is var (detail, relief, trust))
        {
            // The donor's band takes the place of the model's own, or lips and lids would have their edges twice.
            var (brows, low) = (space.Region("brows"), Low(space, logs));
            for (var k = 0; k < space.Count; k++)
            {
                logs[k] += (1 - brows[k]) * (detail[k] + (trust[k] * (low[k] - logs[k])));
                height[k] = (height[k] * (1 - (PaintedRelief * trust[k]))) + relief[k];
            }
        }

        cancellation.ThrowIfCancellationRequested();
        var atlas = space.Atlas;
        var displacement = atlas.Scatter(height);
        var diffuse = atlas.Scatter(Colours(space, skin, layers, height, logs));
        var regions = new RegionMaps(atlas, mesh.Template, cancellation);
        var (occlusion, translucency) = SurfaceRays.Trace(mesh, atlas, regions, new SurfaceRayOptions(), (int)(skin.Seed & 0x7fffffff), cancellation);
        var fine = ReliefOcclusion.Make(displacement, mesh, cancellation);
        for (var i = 0; i < occlusion.Pixels.Length; i++)
        {
            occlusion.Pixels[i] *= fine.Pixels[i];
        }

        var specular = SkinReflectance.Make(displacement, atlas, regions, SkinReflectance.Skin, cancellation);
        Moisten(space, skin, specular);
        foreach (var image in (Image[])[diffuse, specular, occlusion, translucency, displacement])
        {
            atlas.FillGutter(image);
        }

        return MapSet.Empty
            .With(new Map(WellKnownMaps.Diffuse, diffuse))
            .With(new Map(WellKnownMaps.Specular, specular))
            .With(new Map(WellKnownMaps.AmbientOcclusion, occlusion))
            .With(new Map(WellKnownMaps.Translucency, translucency))
            .With(new Map(WellKnownMaps.Displacement, displacement))
            .With(new Map(WellKnownMaps.Normal, ReliefNormals.Make(displacement, mesh, 1, cancellation)));
    }

    /// <summary>ITA° of a finished diffuse map: of the mean reflectance of cheeks and forehead.</summary>
    public static float MeasuredIta(SkinSpace space, Image diffuse)
    {
        var (cheeks, forehead, hair) = (space.Region("cheeks"), space.Region("forehead"), space.Region("brows"));
        var (sum, total) = (Vector3.Zero, 0f);
        for (var k = 0; k < space.Count; k++)
        {
            var weight = hair[k] > 0.05f ? 0 : Math.Min(1, cheeks[k] + forehead[k]) * space.Area(k);
            sum += weight * new Vector3(diffuse.Pixels.AsSpan(3 * space.Atlas.Covered[k], 3));
            total += weight;
        }

        return SkinTone.Ita(sum / total);
    }

    // What a donor's detail leaves out.
    private static Vector3[] Low(SkinSpace space, Vector3[] logs)
    {
        var (atlas, result) = (space.Atlas, new Vector3[space.Count]);
        for (var c = 0; c < 3; c++)
        {
            var channel = new float[atlas.Triangle.Length];
            for (var k = 0; k < space.Count; k++)
            {
                channel[atlas.Covered[k]] = logs[k][c];
            }

            var low = Blur.Gaussian(channel, atlas.Triangle, atlas.Resolution, SkinDonor.LowSigma * atlas.Resolution / 1024f);
            for (var k = 0; k < space.Count; k++)
            {
                result[k][c] = low[atlas.Covered[k]];
            }
        }

        return result;
    }

    private static Vector3[] Colours(SkinSpace space, SkinParameters skin, Layers layers, float[] height, Vector3[] logs)
    {
        var (lips, eyes, socket, cheeks, lids, teeth, gums, inner, stubble, scalp) = (
            space.Region("lips"), space.Region("eyeballs"), space.Region("mouth_socket"), space.Region("cheeks"), space.Region("eyelids"), space.Region("teeth"),
            space.Region("gums"), space.Region("inner_lips"), space.Region("stubble"), space.Region("scalp"));
        var (left, right) = space.Model.EyeCentres([]);
        var (leftEye, rightEye) = (Ball(left, 0), Ball(right, 1));
        var seed = skin.Seed % 100_000;
        var seam = (Vector3[])[.. ((int[])[48, 60, 61, 62, 63, 64, 54]).Select(i => space.Landmarks[i])];
        var lashes = (Vector3[][])[[.. ((int[])[36, 37, 38, 39]).Select(i => space.Landmarks[i])], [.. ((int[])[42, 43, 44, 45]).Select(i => space.Landmarks[i])]];
        var result = new Vector3[space.Count];
        Parallel.For(0, (space.Count + 2047) / 2048, block =>
        {
            for (var k = block * 2048; k < Math.Min(space.Count, (block + 1) * 2048); k++)
            {
                var p = space.Rest[k];
                if (eyes[k] > 0.5f)
                {
                    result[k] = (p.X * left.X > 0 ? leftEye : rightEye).Albedo(p, Vector3.Zero);
                    continue;
                }

                var melanin = skin.Mottling * ((0.10f * Noise.Fractal(p / 17, 3, seed + 31)) + (0.07f * Noise.Fractal(p / 2.3f, 2, seed + 41)));
                var blood = skin.Mottling * ((0.16f * Noise.Fractal(p / 8, 3, seed + 11)) + (0.10f * Noise.Fractal(p / 1.7f, 2, seed + 21)));
                melanin += (FreckleMelanin * layers.Freckles.Coverage[k]) + (MoleMelanin * layers.Moles.Coverage[k]);
                blood += (BlemishBlood * layers.Blemishes.Coverage[k]) + (0.35f * skin.Blush * cheeks[k]) + (0.12f * lips[k]);
                var colour = SkinTone.Exp(logs[k] - (melanin * SkinTone.Melanin) - (blood * SkinTone.Haemoglobin)) * (1 + (Dirt * Math.Clamp(height[k], -0.4f, 0)));

                colour = Vector3.Lerp(colour, skin.LipstickColour * (1 + (0.15f * Noise.Fractal(p / 2, 2, seed + 51))), 0.85f * skin.Lipstick * Curve.Smooth(0.3f, 0.7f, lips[k]));
                colour *= 1 - (0.75f * skin.EyeShadow * lids[k]);
                colour = Vector3.Lerp(colour, skin.HairFromAfar, 0.92f * layers.Hair.Coverage[k]);
                colour = Vector3.Lerp(colour, skin.BrowColour, Math.Max(0.92f * layers.BrowHairs.Coverage[k], BetweenBrows * (skin.BrowDensity * layers.BrowCover[k])));

                // Beneath the skin the roots of a cut beard show through, bluish.
                colour = Vector3.Lerp(colour, colour * new Vector3(0.72f, 0.78f, 0.86f), 0.5f * skin.Stubble * stubble[k]);
                colour = Vector3.Lerp(colour, Vector3.Lerp(colour, skin.HairFromAfar, 0.82f), skin.ScalpHair ? Curve.Smooth(0.45f, 1, scalp[k] + (0.35f * Noise.Fractal(p / 9, 3, seed + 61))) : 0);
                colour = Vector3.Lerp(colour, colour * 0.12f, 0.7f * Curve.Smooth(1.0f, 0.3f, lashes.Min(l => Distance(p, l))));
                colour = Vector3.Lerp(colour, colour * new Vector3(0.55f, 0.32f, 0.32f), Math.Max(0.8f * Curve.Smooth(1.2f, 0.2f, Distance(p, seam)), inner[k]));
                colour = Vector3.Lerp(colour, new Vector3(0.20f, 0.055f, 0.05f), socket[k]);
                colour = Vector3.Lerp(colour, new Vector3(0.38f, 0.13f, 0.11f), gums[k]);
                colour = Vector3.Lerp(colour, new Vector3(0.60f, 0.55f, 0.45f), teeth[k]);
                result[k] = Vector3.Clamp(colour, new Vector3(0.002f), new Vector3(0.95f));
            }
        });
        return result;

        // As pictures show them, without the light that gathers in an iris.
        Eye Ball(Vector3 centre, uint side) =>
            new(centre, 1, Vector3.UnitZ, skin.EyeSeed + side, skin.EyeColours, Eye.TemplateIris, space.Landmarks[StageHead.InnerCorners[side]]);
    }

    // The film of sebum differs from person to person, and over a face by centimetres.
    private static void Moisten(SkinSpace space, SkinParameters skin, Image specular)
    {
        var (eyes, scalp) = (space.Region("eyeballs"), space.Region("scalp"));
        for (var k = 0; k < space.Count; k++)
        {
            var film = float.Lerp(0.8f, 1.35f, skin.Oiliness) * (1 + (0.18f * Noise.Fractal(space.Rest[k] / 14, 2, (skin.Seed % 100_000) + 131)));
            var texel = space.Atlas.Covered[k];
            specular.Pixels[texel] = Math.Clamp(specular.Pixels[texel] * float.Lerp(film, 1, eyes[k]) * (skin.ScalpHair ? 1 - (0.5f * scalp[k]) : 1), 0, 1);
        }
    }

    private static float Distance(Vector3 p, Vector3[] line) => MathF.Sqrt(Curve.Nearest(line, p).DistanceSquared);

    /// <summary>What is scattered over a skin.</summary>
    private sealed class Layers
    {
        public Layers(SkinSpace space, SkinParameters skin)
        {
            (Freckles, Moles, Blemishes, Hair, BrowHairs, Raised) = (new(space), new(space), new(space), new(space), new(space), new float[space.Count]);
            var (face, cheeks, nose, neck, eyes, lips) = (space.Region("face"), space.Region("cheeks"), space.Region("nose"), space.Region("neck"), space.Region("eyeballs"), space.Region("lips"));
            float Skin(int k) => eyes[k] > 0.1f || lips[k] > 0.2f ? 0 : Math.Max(face[k], 0.6f * neck[k]);

            var rng = new Rng(skin.Seed ^ 0xF2ECu);
            foreach (var at in Stamps.Scatter(space, k => skin.Freckles * 0.035f * Skin(k) * (0.12f + cheeks[k] + nose[k]), ref rng))
            {
                Freckles.Dot(at, rng.Range(0.35f, 1.3f), rng.Range(0.25f, 1) * skin.Freckles);
            }

            Place(space, Skin, skin.Moles, ref rng, (at, r) => Mark(at, r.Range(0.5f, 1.8f), Moles, r.Range(0, 0.35f)));
            Place(space, Skin, skin.Blemishes, ref rng, (at, r) => Mark(at, r.Range(0.8f, 2.4f), Blemishes, r.Range(0.02f, 0.25f)));
            BrowCover = Brows.Cover(space, skin);
            Brows.Draw(space, skin, BrowCover, BrowHairs);
            Beard(space, skin, ref rng);
            if (skin.ScalpHair)
            {
                Crop(space, skin.Seed, ref rng);
            }
        }

        public Stamps Freckles { get; }

        public Stamps Moles { get; }

        public Stamps Blemishes { get; }

        public Stamps Hair { get; }

        public Stamps BrowHairs { get; }

        /// <summary>Of the skin between the hairs too, which roots and shadow darken.</summary>
        public float[] BrowCover { get; }

        /// <summary>mm by texel.</summary>
        public float[] Raised { get; }

        private void Mark(int at, float radius, Stamps layer, float height)
        {
            layer.Dot(at, radius, 1, 0.5f, (texel, added) => Raised[texel] += height * added);
        }

        private void Beard(SkinSpace space, SkinParameters skin, ref Rng rng)
        {
            var (stubble, lips) = (space.Region("stubble"), space.Region("lips"));
            foreach (var at in Stamps.Scatter(space, k => skin.Stubble * 0.9f * stubble[k] * (1 - lips[k]), ref rng))
            {
                var down = new Vector3(0.15f * rng.Normal(), -1, 0.15f * rng.Normal());
                Hair.Stroke(at, down, rng.Range(0.4f, 0.6f + (1.6f * skin.Stubble)), rng.Range(0.08f, 0.13f), 0.85f);
            }
        }

        // The hairline wavers with the same noise as the shade below the hair.
        private void Crop(SkinSpace space, uint seed, ref Rng rng)
        {
            var scalp = space.Region("scalp");
            foreach (var at in Stamps.Scatter(space, k => 0.55f * Curve.Smooth(0.15f, 0.9f, scalp[k] + (0.35f * Noise.Fractal(space.Rest[k] / 9, 3, (seed % 100_000) + 61))), ref rng))
            {
                // Away from the crown.
                var away = space.Rest[at] with { Y = 0 };
                Hair.Stroke(at, away + new Vector3(0, -30, 0) + (12 * new Vector3(rng.Normal(), rng.Normal(), rng.Normal())), rng.Range(2f, 4f), 0.09f, 0.9f);
            }
        }

        private delegate void Draw(int at, Rng rng);

        private static void Place(SkinSpace space, Func<int, float> where, int count, ref Rng rng, Draw draw)
        {
            for (var placed = 0; placed < count;)
            {
                var k = (int)(rng.Next() * space.Count);
                if (rng.Next() * 0.25f < where(k) * Math.Min(0.25f, space.Area(k)))
                {
                    draw(k, new Rng((uint)(rng.Next() * 16777216f)));
                    placed++;
                }
            }
        }
    }
}
