using System.Numerics;
using MoSar.Faces.Evaluation;

namespace MoSar.Faces.Tests;

/// <summary>Faults made on purpose are counted, and nothing else is.</summary>
public sealed class ArtefactTests
{
    private static readonly FaceModel s_model = ShippedModel.Model;
    private static readonly HeadArtefacts s_artefacts = new(s_model);

    [Fact]
    public void TheMeanHeadHasNoneThatAreSeenWhereverItIs()
    {
        var turn = Matrix4x4.CreateScale(1.3f) * Matrix4x4.CreateFromYawPitchRoll(1, 2, 3) * Matrix4x4.CreateTranslation(100, 20, -300);
        Assert.Equal(0, s_artefacts.Count(s_model.Mean).Seen);
        Assert.Equal(0, s_artefacts.Count([.. s_model.Mean.Select(p => Vector3.Transform(p, turn))]).Seen);
    }

    [Fact]
    public void AMirroredHeadIsTurnedOverEverywhere()
    {
        // No similarity mirrors: every triangle that the best one brings near its own looks the other way.
        var mirrored = s_artefacts.Count([.. s_model.Mean.Select(p => new Vector3(p.X, p.Y, -p.Z))]);
        Assert.True(mirrored.Flipped > s_model.Template.Triangles.Length / 3 / 10, $"{mirrored}");
        Assert.Equal((0, 0), (mirrored.Flat, mirrored.Crossing));
    }

    [Fact]
    public void ATriangleWithoutAreaIsFlat()
    {
        var (a, b, _) = Triangle();
        var p = (Vector3[])s_model.Mean.Clone();
        var shared = Around(a).Intersect(Around(b)).Count();
        p[a] = p[b];
        var found = s_artefacts.Count(p);
        Assert.Equal(shared, found.Flat);
    }

    [Fact]
    public void AVertexPushedThroughTheOtherSideTurnsAndCrosses()
    {
        var (a, b, c) = Triangle();
        var p = (Vector3[])s_model.Mean.Clone();

        // Over the edge opposite to it: its triangle is turned over, and it lies on its neighbours'.
        p[a] = ((p[b] + p[c]) * 1.5f) - (2 * p[a]) + new Vector3(0, 0, 0.2f);
        var found = s_artefacts.Count(p);
        Assert.InRange(found.Flipped, 1, 12);

        // A long thorn through the head comes out at the back.
        p[a] = s_model.Mean[a] - new Vector3(0, 0, 400);
        Assert.InRange(s_artefacts.Count(p).Crossing, 1, 500);
    }

    [Fact]
    public void CrossingTrianglesAreFoundAsTheyAreDefined()
    {
        Vector3[] flat = [new(0, 0, 0), new(10, 0, 0), new(0, 10, 0)];
        int[] two = [0, 1, 2, 3, 4, 5];
        int Pairs(params Vector3[] other) => TriangleCrossings.Find([.. flat, .. other], two).Count;
        Assert.Equal(1, Pairs(new(2, 2, -5), new(2, 2, 5), new(40, 40, 5)));
        Assert.Equal(0, Pairs(new(8, 8, -5), new(8, 8, 5), new(40, 40, 5)));
        Assert.Equal(0, Pairs(new(2, 2, 1), new(2, 2, 5), new(40, 40, 5)));
        Assert.Empty(TriangleCrossings.Find([.. flat, new(2, 2, -5), new(2, 2, 5)], [0, 1, 2, 0, 3, 4]));
        Assert.Empty(TriangleCrossings.Find([.. flat, new(2, 2, -5), new(2, 2, 5), new(40, 40, 5)], two, v => v != 4));
    }

    [Fact]
    public void WhatIsNoHeadIsRefused()
    {
        Assert.Equal("artefacts-vertices", Assert.Throws<MoSarException>(() => s_artefacts.Count(new Vector3[10])).Code);
        Assert.Equal("artefacts-vertices", Assert.Throws<MoSarException>(() => s_artefacts.Count(new Vector3[s_model.Mean.Length])).Code);
        var p = (Vector3[])s_model.Mean.Clone();
        p[7].X = float.NaN;
        Assert.Equal("artefacts-vertices", Assert.Throws<MoSarException>(() => s_artefacts.Count(p)).Code);
    }

    /// <summary>A triangle of the forehead.</summary>
    private static (int A, int B, int C) Triangle()
    {
        var triangles = s_model.Template.Triangles;
        var brow = s_model.Mean[triangles[s_model.Template.Landmarks[21].Triangle * 3]] + new Vector3(0, 30, 5);
        var t = Enumerable.Range(0, triangles.Length / 3).MinBy(k => Vector3.Distance(s_model.Mean[triangles[3 * k]], brow));
        return (triangles[3 * t], triangles[(3 * t) + 1], triangles[(3 * t) + 2]);
    }

    private static IEnumerable<int> Around(int vertex)
    {
        var triangles = s_model.Template.Triangles;
        return Enumerable.Range(0, triangles.Length / 3).Where(t => triangles.AsSpan(3 * t, 3).Contains(vertex));
    }
}
