using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Learning;

namespace MoSar.Training.Synthetic;

/// <summary>
/// Renders heads of the face model for training: random person, expression, view, light with cast shadows, skin, hair, beard,
/// spectacles and clothes. A pure function of the seed. One instance serves many threads.
/// </summary>
internal sealed class SyntheticRenderer
{
    /// <summary>Samples a pixel along each axis.</summary>
    private const int Oversampling = 2;

    private const int Size = Cutout.Side * Oversampling;
    private const int ShadowSize = 320;

    private readonly FaceModel model;
    private readonly SkinAtlas atlas;
    private readonly IReadOnlyList<Skin> skins;
    private readonly Vector2[] definition;
    private readonly Material[] materials;
    private readonly float[] beardField, hairAllowed;
    private readonly Vector3 centre, radii;

    /// <param name="model">The morphable head.</param>
    /// <param name="atlas">Its atlas.</param>
    /// <param name="skins">At least one.</param>
    /// <param name="definition">68 offsets that are added to the projected landmarks, in parts of the face crop's side, upright: what is
    /// left between the model's points and the hand-placed ones.</param>
    public SyntheticRenderer(FaceModel model, SkinAtlas atlas, IReadOnlyList<Skin> skins, Vector2[] definition)
    {
        (this.model, this.atlas, this.skins, this.definition) = (model, atlas, skins, definition);
        var t = model.Template;
        materials = new Material[t.Triangles.Length / 3];
        for (var i = 0; i < materials.Length; i++)
        {
            materials[i] = Region("eyeballs", i) > 0.5f ? Material.Eye : Region("mouth_socket", i) > 0.5f ? Material.Mouth : Material.Skin;
        }

        var l = atlas.Landmarks;
        centre = new Vector3(0, l[27].Y + 15, (l[0].Z + l[16].Z) / 2);
        radii = new Vector3(MathF.Abs(l[16].X - l[0].X) * 0.53f, 115, 105);
        beardField = new float[model.Mean.Length];
        hairAllowed = new float[model.Mean.Length];
        for (var i = 0; i < beardField.Length; i++)
        {
            beardField[i] = BeardAt(model.Mean[i], l) * (1 - RegionAt("lips", i));
            hairAllowed[i] = 1 - Math.Clamp(RegionAt("ears", i) + RegionAt("eyeballs", i) + RegionAt("mouth_socket", i) + RegionAt("eyelids", i), 0, 1);
        }
    }

    /// <param name="seed">Everything random follows from it.</param>
    /// <param name="calm">True: nearly frontal, mouth closed, nothing before the face, for tests of what must always work.</param>
    public Cutout Render(int seed, bool calm = false)
    {
        var random = new Random(seed);
        var skin = skins[random.Next(skins.Count)];
        var scene = Compose(random, calm);
        var light = calm ? Lighting.Soft : Lighting.Any(random);
        var shadow = light.SunColour == Vector3.Zero ? null : new ShadowMap(ShadowSize, light.Sun, scene);
        var shader = new Shader(atlas, skin, scene, light, shadow, random);
        var buffer = new TriangleBuffer(Size, Size);
        buffer.Clear();
        scene.Draw(buffer, scene.Screen);
        return new Cutout(shader.Shade(buffer), scene.Points, scene.Crop);
    }

    private Scene Compose(Random random, bool calm)
    {
        var t = model.Template;
        var v = t.VertexCount;
        var pose = HeadPose.Any(model, random, new Vector3(0, atlas.Landmarks[27].Y - 30, centre.Z), calm);
        var neutral = model.Positions(pose.Identity, []);
        var posed = model.Positions(pose.Identity, pose.Expression);
        var landmarks = t.LandmarksOn(posed);
        var still = t.LandmarksOn(neutral);
        var hair = calm ? Hair.Any(random) with { Strands = 0, BeardThickness = 0, Beard = 0, CapCosine = 0.25f } : Hair.Any(random);
        var (cover, height) = hair.Grow(model, centre, beardField, hairAllowed);
        var normals = MeshNormals.AreaWeighted(posed, t.Triangles);
        var props = new Props();
        hair.AddStrands(props, random, posed, normals, cover, height, centre, radii);
        var lenses = !calm && random.Chance(0.27) ? Accessories.AddGlasses(props, random, landmarks) : [];
        Accessories.AddTeeth(props, still, landmarks);
        if (random.Chance(0.92))
        {
            Accessories.AddShoulders(props, random, new Vector3(0, still[8].Y, centre.Z - 15), random.Uniform(45, 80));
        }

        var positions = new Vector3[(2 * v) + props.Positions.Count];
        var rest = new Vector3[positions.Length];
        for (var i = 0; i < v; i++)
        {
            positions[i] = posed[i];
            positions[v + i] = posed[i] + (normals[i] * height[i]);
            rest[i] = rest[v + i] = model.Mean[i];
        }

        props.Positions.CopyTo(positions, 2 * v);
        props.Coordinates.CopyTo(rest, 2 * v);
        return new Scene(t, materials, props, positions, rest, cover, hair, lenses, pose, landmarks, definition, Size, Oversampling);
    }

    private float Region(string name, int triangle)
    {
        var t = model.Template.Triangles.AsSpan(3 * triangle, 3);
        return (RegionAt(name, t[0]) + RegionAt(name, t[1]) + RegionAt(name, t[2])) / 3;
    }

    private float RegionAt(string name, int vertex) => model.Template.Regions.TryGetValue(name, out var w) ? w[vertex] : 0;

    /// <summary>Moustache, chin and jaw: below the nose, in front of the ears, above the throat.</summary>
    private static float BeardAt(Vector3 p, Vector3[] l)
    {
        var below = SkinAtlas.Smooth((l[33].Y + 3 + (MathF.Max(0, MathF.Abs(p.X) - 25) * 0.6f) - p.Y) / 10);
        var front = SkinAtlas.Smooth((p.Z - l[0].Z - 5) / 15);
        var above = SkinAtlas.Smooth((p.Y - l[8].Y + 25) / 15);
        return below * front * above;
    }
}
