using System.Numerics;
using MoSar.Faces;

namespace MoSar.StageSheets;

internal static class Probe
{
    public static int Run()
    {
        var m = FaceModel.Load("samples/models/face.safetensors");
        var e = m.Template.Regions["eyeballs"];
        var left = Enumerable.Range(0, e.Length).Where(i => e[i] > 0.5f && m.Mean[i].X > 0).ToArray();
        Console.WriteLine($"{left.Length} first {left[0]} last {left[^1]} centre {m.EyeCentresMean[0]} pupil {m.Mean[left[0]]}");
        for (var k = 0; k < left.Length; k += 24) Console.WriteLine($"{k} r {Vector3.Distance(m.Mean[left[k]], m.EyeCentresMean[0]):f2} angle {180 / MathF.PI * MathF.Acos(Vector3.Dot(Vector3.Normalize(m.Mean[left[k]] - m.EyeCentresMean[0]), Vector3.Normalize(m.Mean[left[0]] - m.EyeCentresMean[0]))):f1}");
        foreach (var (n, w) in m.Template.Regions) Console.WriteLine($"{n}: {w.Count(x => x > 0.5f)} soft {w.Count(x => x > 0.02f && x < 0.98f)} z {Enumerable.Range(0, w.Length).Where(i => w[i] > 0.5f).Select(i => m.Mean[i]).DefaultIfEmpty().Aggregate(Vector3.Min):f0} {Enumerable.Range(0, w.Length).Where(i => w[i] > 0.5f).Select(i => m.Mean[i]).DefaultIfEmpty().Aggregate(Vector3.Max):f0}");
        var lm = m.Template.Landmarks.Select(l => { var t = l.Triangle * 3; return l.Barycentric.X * m.Mean[m.Template.Triangles[t]] + l.Barycentric.Y * m.Mean[m.Template.Triangles[t + 1]] + l.Barycentric.Z * m.Mean[m.Template.Triangles[t + 2]]; }).ToArray();
        for (var i = 0; i < 68; i++) Console.Write($"{i}:{lm[i]:f0} ");
        return 0;
    }
}
