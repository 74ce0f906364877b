using System.Globalization;
using System.Numerics;
using MoSar.Faces.Retargeting;
using MoSar.Graphics;
using Xunit.Abstractions;

namespace MoSar.Faces.Tests;

/// <summary>One registration of a generated head of another topology (see <see cref="ForeignHead"/>), shared by the tests.</summary>
public sealed class ForeignHeadRegistered : IDisposable
{
    public ForeignHeadRegistered()
    {
        Head = new ForeignHead(seed: 5);
        Head.WriteObj(At("head.obj"));
        File.WriteAllLines(At("landmarks.txt"), Head.Landmarks().Select(l => l.ToString(CultureInfo.InvariantCulture)));
        Foreign = ForeignMeshFile.Read(At("head.obj"));
        Correspondence = TemplateRegistration.Register(ShippedModel.Model, Foreign, LandmarkFile.Read(At("landmarks.txt"), Foreign));
    }

    internal ForeignHead Head { get; }

    public ForeignMesh Foreign { get; }

    public AtlasCorrespondence Correspondence { get; }

    private string Root { get; } = Directory.CreateTempSubdirectory("mosar-retarget-").FullName;

    public string At(string path) => Path.Combine(Root, path);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

public sealed class RetargetingTests(ForeignHeadRegistered registered, ITestOutputHelper output) : IClassFixture<ForeignHeadRegistered>
{
    private const int Size = 512;

    [Fact]
    public void TheTemplateLiesWhereTheHeadsTruePointsAre()
    {
        var quality = registered.Correspondence.Quality;
        output.WriteLine(registered.Correspondence.ToString());
        Assert.InRange(quality.Scale, 950, 1050);
        Assert.InRange(quality.FaceMean, 0, 0.1);
        Assert.InRange(quality.FaceFound, 0.9, 1);

        // Sideways as well: each vertex of the mesh against the same point of the registered template.
        var (head, template, mesh) = (registered.Head, registered.Correspondence.Template.Mesh, registered.Correspondence.Other.Mesh);
        var face = ShippedModel.Model.Template.Regions["face"];
        var errors = head.Vertices.Select((v, i) => (v.Origin, Index: registered.Foreign.FromFile[i]))
            .Where(v => Enumerable.Range(3 * v.Origin.Triangle, 3).All(c => face[head.Template.Triangles[c]] > 0.5f))
            .Select(v => Vector3.Distance(v.Origin.On(head.Template, template.Positions), mesh.Positions[v.Index])).Order().ToArray();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"true correspondence over {errors.Length} points of the face: mean {errors.Average():F2} mm, 95 % {errors[(int)(0.95 * errors.Length)]:F2}, largest {errors[^1]:F2}"));

        // The bend moves the skin along itself by up to 4 mm in a way that no shape shows.
        Assert.InRange(errors.Average(), 0, 2.5);
        Assert.InRange(errors[(int)(0.95 * errors.Length)], 0, 5);
    }

    [Theory]
    [InlineData(TextureKind.Colour, 3)]
    [InlineData(TextureKind.Data, 1)]
    [InlineData(TextureKind.Normal, 3)]
    public void ATextureSurvivesTheWayThereAndBack(TextureKind kind, int channels)
    {
        var isNormal = kind == TextureKind.Normal;
        var texture = new TextureFile(Skin(channels, isNormal), kind, 8, false);
        var there = registered.Correspondence.ToMesh(2 * Size);
        var back = registered.Correspondence.ToTemplate(Size);
        var result = texture with { Pixels = back.Carry(there.Carry(texture.Pixels, isNormal), isNormal) };
        var alike = texture.SimilarityTo(result, back.FaceMask());
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind}: SSIM {alike:F4} inside the face"));
        Assert.InRange(alike, 0.95, 1);
    }

    [Fact]
    public void TheMaskKnowsWhatIsMissing()
    {
        var lookup = registered.Correspondence.ToTemplate(Size);
        var mask = lookup.Mask();
        var template = ShippedModel.Model.Template;
        Assert.InRange(Share("face"), 0.97, 1);

        // The scanner saw no eyeballs, no sockets; the neck goes on below the mesh's end.
        Assert.Equal(0, Share("eyeballs"));
        Assert.InRange(Share("mouth_socket"), 0, 0.2);

        float Share(string region)
        {
            var raster = AtlasRaster.For(template, Size);
            var inside = raster.Interpolate(template.Regions[region]).Select((w, k) => (w, raster.Covered[k])).Where(x => x.w > 0.9f).ToArray();
            return inside.Average(x => mask.Pixels[x.Item2]);
        }
    }

    [Fact]
    public void NothingBleedsAcrossASeam()
    {
        // The mesh's charts are 0.5; what lies between them in its texture must never be seen.
        var side = registered.Correspondence.Other.Mesh.Template;
        var texture = new Image(Size, Size, 1);
        Array.Fill(texture.Pixels, 100f);
        foreach (var texel in AtlasRaster.For(side, Size).Covered)
        {
            texture.Pixels[texel] = 0.5f;
        }

        Assert.All(registered.Correspondence.ToTemplate(2 * Size).Carry(texture).Pixels, v => Assert.InRange(v, 0.4999f, 0.5001f));
        Assert.All(registered.Correspondence.ToTemplate(Size / 4).Carry(texture).Pixels, v => Assert.InRange(v, 0.4999f, 0.5001f));
    }

    [Fact]
    public void AFlatNormalMapStaysFlat()
    {
        var flat = new Image(64, 64, 3);
        for (var i = 2; i < flat.Pixels.Length; i += 3)
        {
            flat.Pixels[i] = 1;
        }

        var carried = registered.Correspondence.ToMesh(Size).Carry(flat, isNormalMap: true);
        for (var i = 0; i < carried.Pixels.Length; i += 3)
        {
            Assert.InRange(carried.Pixels[i + 2], 0.9999f, 1.0001f);
        }
    }

    [Fact]
    public void ANormalMapSaysTheSameInBothAtlases()
    {
        // One field of directions on the surface, written down by each side in its own tangents.
        var there = registered.Correspondence.ToMesh(Size);
        var carried = there.Carry(Leaning(registered.Correspondence.Template.Mesh), isNormalMap: true);
        var expected = Leaning(registered.Correspondence.Other.Mesh);
        var mask = there.FaceMask();
        var angles = Enumerable.Range(0, mask.Length).Where(i => mask[i] > 0)
            .Select(i => Vector3.Dot(new Vector3(carried.Pixels.AsSpan(3 * i)), new Vector3(expected.Pixels.AsSpan(3 * i)))).Select(c => MathF.Acos(Math.Clamp(c, -1, 1)) * 180 / MathF.PI).Order().ToArray();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"mean {angles.Average():F2} degrees, 95 % {angles[(int)(0.95 * angles.Length)]:F2}"));
        Assert.InRange(angles.Average(), 0, 3);
        Assert.InRange(angles[(int)(0.95 * angles.Length)], 0, 8);
    }

    [Fact]
    public void ACorrespondenceIsTheSameFromItsFile()
    {
        var path = registered.At("head.safetensors");
        (registered.Correspondence with { Metadata = new Dictionary<string, string> { ["tile"] = "1001" } }).Save(path);
        var loaded = AtlasCorrespondence.Load(path);
        Assert.Equal("1001", loaded.Metadata["tile"]);
        Assert.Equal(registered.Correspondence.Quality, loaded.Quality);
        Assert.Equal(registered.Correspondence.ToString(), loaded.ToString());
        Assert.Equal(registered.Correspondence.ToTemplate(128).Mask().Pixels, loaded.ToTemplate(128).Mask().Pixels);
        Assert.Equal(registered.Correspondence.ToMesh(128).FaceMask(), loaded.ToMesh(128).FaceMask());
        Assert.InRange(new FileInfo(path).Length, 100_000, 12_000_000);
    }

    [Fact]
    public void LandmarksThatAreNoFaceAreRefused()
    {
        // Another order of points.
        var marks = LandmarkFile.Read(registered.At("landmarks.txt"), registered.Foreign);
        Array.Reverse(marks);
        var e = Assert.Throws<MoSarException>(() => TemplateRegistration.Register(ShippedModel.Model, registered.Foreign, marks));
        Assert.Equal("retarget-landmarks", e.Code);
        Assert.Contains("do not lie as a face's do", e.Message);

        // Left and right exchanged.
        var exchanged = Array.ConvertAll(LandmarkFile.Read(registered.At("landmarks.txt"), registered.Foreign), p => p with { Y = -p.Y });
        e = Assert.Throws<MoSarException>(() => TemplateRegistration.Register(ShippedModel.Model, registered.Foreign, exchanged));
        Assert.EndsWith("Mirrored they fit: left and right are exchanged.", e.Message);

        // In millimetres, where the mesh is in metres.
        var elsewhere = Array.ConvertAll(LandmarkFile.Read(registered.At("landmarks.txt"), registered.Foreign), p => p * 1000);
        e = Assert.Throws<MoSarException>(() => TemplateRegistration.Register(ShippedModel.Model, registered.Foreign, elsewhere));
        Assert.Equal("retarget-mesh", e.Code);

        e = Assert.Throws<MoSarException>(() => TemplateRegistration.Register(ShippedModel.Model, registered.Foreign, new Vector3[68]));
        Assert.Equal("The landmarks all lie at one place.", e.Message);
    }

    [Fact]
    public void AMeshThatIsInsideOutIsRefused()
    {
        var t = registered.Foreign.Mesh.Template;
        var faces = Flipped(t.Triangles);
        var flipped = ForeignMesh.Make("flipped.obj", registered.Foreign.Mesh.Positions, faces, t.Uvs, Flipped(t.TriangleUvs));
        var marks = LandmarkFile.Read(registered.At("landmarks.txt"), registered.Foreign);
        var e = Assert.Throws<MoSarException>(() => TemplateRegistration.Register(ShippedModel.Model, flipped, marks));
        Assert.Equal(("retarget-mesh", "flipped.obj is inside out: its faces are clockwise seen from outside."), (e.Code, e.Message));

        static int[] Flipped(int[] triangles) => [.. triangles.Chunk(3).SelectMany(c => (int[])[c[0], c[2], c[1], -1])];
    }

    /// <summary>Normals that lean by up to 37 degrees towards one direction of space.</summary>
    private static Image Leaning(Mesh mesh)
    {
        var raster = AtlasRaster.For(mesh.Template, Size);
        var vertexNormals = MeshNormals.Of(mesh);
        var tangents = MeshTangents.Of(mesh, vertexNormals);
        var normals = raster.InterpolateUnit(vertexNormals);
        var image = new Image(Size, Size, 3);
        for (var k = 0; k < normals.Length; k++)
        {
            var (texel, n) = (raster.Covered[k], normals[k]);
            var corners = mesh.Template.TriangleUvs.AsSpan(3 * raster.Triangle[texel], 3);
            var b = raster.Barycentric(texel);
            var along = ((b.X * tangents[corners[0]]) + (b.Y * tangents[corners[1]]) + (b.Z * tangents[corners[2]])).AsVector3();
            var tangent = Vector3.Normalize(along - (n * Vector3.Dot(n, along)));
            var lean = Vector3.Normalize(new Vector3(0.5f, 1, 0.3f));
            var v = Vector3.Normalize(n + (0.75f * (lean - (n * Vector3.Dot(n, lean)))));
            new Vector3(Vector3.Dot(v, tangent), Vector3.Dot(v, Vector3.Cross(n, tangent) * tangents[corners[0]].W), Vector3.Dot(v, n)).CopyTo(image.Pixels, 3 * texel);
        }

        return image;
    }

    /// <summary>Blotches, pores and a few hard spots; as a normal map the slopes of the same.</summary>
    private static Image Skin(int channels, bool isNormal)
    {
        var random = new Random(3);
        var waves = Enumerable.Range(0, 60).Select(k => (
            Direction: Vector2.Normalize(new Vector2((float)random.NextDouble() - 0.5f, (float)random.NextDouble() - 0.5f)),
            Frequency: 4f * MathF.Pow(2, 5 * (float)random.NextDouble()), Phase: 6.28f * (float)random.NextDouble())).ToArray();
        var image = new Image(Size, Size, channels);
        for (var i = 0; i < Size * Size; i++)
        {
            var p = new Vector2((i % Size) + 0.5f, (i / Size) + 0.5f) / Size;
            float height = 0;
            var slope = Vector2.Zero;
            foreach (var (direction, frequency, phase) in waves)
            {
                var (sine, cosine) = MathF.SinCos((2 * MathF.PI * frequency * Vector2.Dot(direction, p)) + phase);
                (height, slope) = (height + (sine * 0.03f), slope + (direction * cosine * 0.05f));
            }

            if (isNormal)
            {
                Vector3.Normalize(new Vector3(-slope.X, slope.Y, 1)).CopyTo(image.Pixels, 3 * i);
                continue;
            }

            var spot = ((i % Size) / 16 * 7) + (i / Size / 16 * 13) is var cell && cell % 29 == 0 ? 0.6f : 1;
            for (var c = 0; c < channels; c++)
            {
                image.Pixels[(i * channels) + c] = Math.Clamp((0.5f - (0.1f * c) + height) * spot, 0, 1);
            }
        }

        return image;
    }
}
