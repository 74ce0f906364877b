using System.Numerics;
using MoSar.Faces.Evaluation;
using Xunit.Abstractions;

namespace MoSar.Faces.Tests;

/// <summary>What every stage may rely on in the shipped template: sound connectivity, symmetry, an atlas without overlaps.</summary>
public class TemplateTests(ITestOutputHelper output)
{
    private static FaceModel Model => ShippedModel.Model;

    private static FaceTemplate Template => ShippedModel.Model.Template;

    [Fact]
    public void HasTheSizeAndNamesThatStagesCountOn()
    {
        Assert.InRange(Template.VertexCount, 10_000, 16_000);
        Assert.Equal(100, Model.IdentityCount);
        Assert.Equal(53, Template.Expressions.Count);
        Assert.Equal(68, Template.Landmarks.Length);
        Assert.All(Template.JawCandidates, line => Assert.InRange(line.Length, 9, 15));
        Assert.All(["jawOpen", "eyeBlinkLeft", "eyeBlinkRight", "mouthSmileLeft", "browInnerUpRight"], name => Assert.True(Model.ExpressionIndex(name) >= 0, name));
        Assert.All(
            ["face", "skin", "nose", "lips", "inner_lips", "brows", "eyelids", "forehead", "cheeks", "chin", "ears", "scalp", "neck", "eyeballs", "mouth_socket", "stubble"],
            name => Assert.True(Template.Regions.ContainsKey(name), name));
    }

    [Fact]
    public void IsManifoldWithTheNeckAsItsOnlyBorderAndOneWinding()
    {
        var uses = new Dictionary<(int, int), int>();
        foreach (var (a, b) in Corners().SelectMany(c => c.Select((v, k) => (v, c[(k + 1) % c.Length]))))
        {
            // Twice the same way round would be an edge of three faces or of two that disagree.
            Assert.True(uses.TryAdd((a, b), 1), $"edge {a}-{b}");
        }

        var border = uses.Keys.Where(e => !uses.ContainsKey((e.Item2, e.Item1))).ToDictionary(e => e.Item1, e => e.Item2);
        var start = border.Keys.First();
        var length = 1;
        for (var v = border[start]; v != start; v = border[v])
        {
            length++;
        }

        Assert.Equal(border.Count, length);
        Assert.All(border.Keys, v => Assert.True(Template.Regions["neck"][v] > .5f, $"border vertex {v} is not on the neck"));
    }

    [Fact]
    public void IsMirrorSymmetricInShapeConnectivityAndAtlas()
    {
        for (var v = 0; v < Template.VertexCount; v++)
        {
            Assert.Equal(v, Template.Mirror[Template.Mirror[v]]);
            Assert.True(Vector3.Distance(Model.Mean[v], Model.Mean[Template.Mirror[v]] * new Vector3(-1, 1, 1)) < 1e-4f, $"vertex {v}");
        }

        var faces = Corners().Select(Key).ToHashSet();
        Assert.All(Corners(), c => Assert.Contains(Key([.. c.Select(v => Template.Mirror[v])]), faces));

        // Every corner's texture place, mirrored, is that of the mirrored corner in some face.
        var places = new HashSet<(int, int, int)>();
        var corners = new List<(int Vertex, Vector2 Uv)>();
        for (var i = 0; i < Template.Faces.Length; i++)
        {
            if (Template.Faces[i] >= 0)
            {
                corners.Add((Template.Faces[i], Template.Uvs[Template.FaceUvs[i]]));
                places.Add(Place(corners[^1].Vertex, corners[^1].Uv));
            }
        }

        Assert.All(corners, c => Assert.True(Near(Place(Template.Mirror[c.Vertex], new Vector2(1 - c.Uv.X, c.Uv.Y))), $"corner at vertex {c.Vertex}"));

        // Rounding may put a place into the next cell.
        bool Near((int V, int X, int Y) p) => Enumerable.Range(0, 9).Any(k => places.Contains((p.V, p.X + (k % 3) - 1, p.Y + (k / 3) - 1)));

        static string Key(int[] corners) => string.Join(',', corners.Order());

        static (int, int, int) Place(int v, Vector2 uv) => (v, (int)MathF.Round(uv.X * 16384), (int)MathF.Round(uv.Y * 16384));
    }

    [Fact]
    public void HasNoDegenerateOrFlippedTriangleOnTheSurfaceOrInTheAtlas()
    {
        var t = Template;
        for (var i = 0; i < t.Triangles.Length; i += 3)
        {
            Vector3 a = Model.Mean[t.Triangles[i]], b = Model.Mean[t.Triangles[i + 1]], c = Model.Mean[t.Triangles[i + 2]];
            Assert.True(Vector3.Cross(b - a, c - a).Length() > 1e-5f, $"triangle {i / 3} at {a} has no area");
            Assert.True(AtlasArea(i) > 0, $"triangle {i / 3} at {a} is turned over in the atlas");
        }
    }

    [Fact]
    public void AtlasHasNoOverlapsAndTheFaceGetsMostOfIt()
    {
        const int size = 2048;
        var owner = new int[size * size];
        var overlaps = 0;
        for (var i = 0; i < Template.Triangles.Length; i += 3)
        {
            Vector2 a = Uv(i) * size, b = Uv(i + 1) * size, c = Uv(i + 2) * size;
            Vector2 low = Vector2.Min(a, Vector2.Min(b, c)), high = Vector2.Max(a, Vector2.Max(b, c));
            for (var y = Math.Max(0, (int)low.Y); y <= Math.Min(size - 1, (int)high.Y); y++)
            {
                for (var x = Math.Max(0, (int)low.X); x <= Math.Min(size - 1, (int)high.X); x++)
                {
                    var p = new Vector2(x + .5f, y + .5f);
                    if (Side(a, b, p) < -1e-2f && Side(b, c, p) < -1e-2f && Side(c, a, p) < -1e-2f)
                    {
                        overlaps += owner[(y * size) + x] == 0 ? 0 : 1;
                        owner[(y * size) + x] = (i / 3) + 1;
                    }
                }
            }
        }

        Assert.Equal(0, overlaps);
        double face = 0, all = 0;
        for (var i = 0; i < Template.Triangles.Length; i += 3)
        {
            var weight = Enumerable.Range(i, 3).Average(k => Template.Regions["face"][Template.Triangles[k]] + Template.Regions["ears"][Template.Triangles[k]]);
            all += AtlasArea(i);
            face += weight > .5 ? AtlasArea(i) : 0;
        }

        output.WriteLine($"atlas: {all:P1} covered, {face / all:P1} of that face and ears");
        Assert.True(face / all > MinimumFaceShare);

        static float Side(Vector2 a, Vector2 b, Vector2 p) => ((b.X - a.X) * (p.Y - a.Y)) - ((b.Y - a.Y) * (p.X - a.X));
    }

    [Fact]
    public void TheIrisIsAtLeastFiftyTexelsWideInAnAtlasOf1024()
    {
        // Its edge stands at 25 degrees from the gaze.
        var (left, _) = Model.EyeCentres([]);
        var (low, high) = (new Vector2(1), Vector2.Zero);
        for (var i = 0; i < Template.Triangles.Length; i++)
        {
            var v = Template.Triangles[i];
            if (Template.Regions["eyeballs"][v] > .5f && Model.Mean[v].X > 0 && Vector3.Normalize(Model.Mean[v] - left).Z > MathF.Cos(25.5f * MathF.PI / 180))
            {
                (low, high) = (Vector2.Min(low, Uv(i)), Vector2.Max(high, Uv(i)));
            }
        }

        var size = (high - low) * 1024;
        output.WriteLine($"iris: {size.X:F1} by {size.Y:F1} texels");
        Assert.InRange(size.X, 50, 70);
        Assert.InRange(size.Y / size.X, .95, 1.05);
    }

    [Fact]
    public void LandmarksMirrorAndLieOnTheSkin()
    {
        int[] left = [0, 17, 18, 21, 31, 36, 39, 40, 48, 50, 59], right = [16, 26, 25, 22, 35, 45, 42, 47, 54, 52, 55];
        foreach (var (a, b) in left.Zip(right))
        {
            Assert.True(Vector3.Distance(At(Template.Landmarks[a]), At(Template.Landmarks[b]) * new Vector3(-1, 1, 1)) < .6f, $"{a} and {b}");
        }

        Assert.All(Template.Landmarks, l => Assert.Equal(1, l.Barycentric.X + l.Barycentric.Y + l.Barycentric.Z, 1e-4));
        for (var j = 0; j < 17; j++)
        {
            Assert.All(Template.JawCandidates[j], c => Assert.True(Vector3.Distance(At(c), At(Template.Landmarks[j])) < 21));
        }
    }

    [Fact]
    public void LipsAreClosedAtRestAndPartWhenTheJawOpens()
    {
        var open = Template.Expressions[Model.ExpressionIndex("jawOpen")].Offsets;
        Vector3 upper = At(Template.Landmarks[62]), lower = At(Template.Landmarks[66]);
        Assert.True(Vector3.Distance(upper, lower) < 1.5f);
        var (u, l) = (upper + At(Template.Landmarks[62], open), lower + At(Template.Landmarks[66], open));
        Assert.True(u.Y - l.Y > 15, $"opened by {u.Y - l.Y} mm");
    }

    [Fact]
    public void NoTwoTrianglesOfTheOuterSkinCrossAtRest()
    {
        var count = TriangleCrossings.Find(Model.Mean, Template.Triangles, Outer).Count;
        Assert.Equal(0, count);

        static bool Outer(int i) => Template.Regions["skin"][i] > .99f && Template.Regions["inner_lips"][i] < .01f;
    }

    [Fact]
    public void EyesTurnAboutTheirCentres()
    {
        var (left, right) = Model.EyeCentres([]);
        var eye = Enumerable.Range(0, Template.VertexCount).Where(v => Template.Regions["eyeballs"][v] > .5f && Model.Mean[v].X > 0).ToArray();
        var radius = eye.Average(v => Vector3.Distance(Model.Mean[v], left));
        output.WriteLine($"left eye {left}, mean radius {radius:F2} mm");
        Assert.InRange(radius, 12, 17);
        Assert.All(eye, v => Assert.InRange(Vector3.Distance(Model.Mean[v], left), radius * .85, radius * 1.2));
        Assert.True(Vector3.Distance(left, right * new Vector3(-1, 1, 1)) < .01f);
    }

    /// <summary>The atlas of the shipped file must not lose area to scalp and neck again.</summary>
    private const double MinimumFaceShare = 0.5;

    private static Vector3 At(SurfacePoint p, Vector3[]? field = null)
    {
        field ??= Model.Mean;
        var t = Template.Triangles.AsSpan(p.Triangle * 3, 3);
        return (p.Barycentric.X * field[t[0]]) + (p.Barycentric.Y * field[t[1]]) + (p.Barycentric.Z * field[t[2]]);
    }

    private static Vector2 Uv(int corner) => Template.Uvs[Template.TriangleUvs[corner]];

    /// <summary>Positive when the front is seen: v runs down, so counter-clockwise is negative there.</summary>
    private static double AtlasArea(int i)
    {
        Vector2 a = Uv(i), b = Uv(i + 1), c = Uv(i + 2);
        return -(((double)(b.X - a.X) * (c.Y - a.Y)) - ((double)(c.X - a.X) * (b.Y - a.Y))) / 2;
    }

    private static IEnumerable<int[]> Corners()
    {
        for (var f = 0; f < Template.Faces.Length; f += 4)
        {
            yield return Template.Faces[f + 3] < 0 ? Template.Faces[f..(f + 3)] : Template.Faces[f..(f + 4)];
        }
    }
}
