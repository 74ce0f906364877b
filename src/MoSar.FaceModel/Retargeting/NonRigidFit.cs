using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Faces.Retargeting;

/// <summary>
/// Optimal-step non-rigid ICP (Amberg, Romdhani and Vetter, CVPR 2007): every vertex has an affine transform of its own, neighbours' transforms
/// resist to differ, and the resistance falls step by step while closest points are looked for anew. The resistance is written so that it does not
/// depend on where the origin is: a vertex's transform must place its neighbours where their own do.
/// </summary>
/// <remarks>
/// Unknowns of vertex i: displacement d and the change B of the affine part. Energy, mm²: Σ w‖d + B·o − target‖² over vertices (o = 0) and landmarks
/// (o = from the vertex to the landmark) + α Σ ‖d_i + B_i e − d_j‖²/‖e‖² over directed edges e = v_j − v_i + α μ Σ ‖B_i − B_j‖² over edges.
/// </remarks>
internal sealed class NonRigidFit
{
    // Resistance, mm²; from "the whole face bends" to "a wrinkle bends". The model fit before this has done what is larger.
    private static readonly float[] Stiffness = [100, 40, 15, 6, 2.5f, 1, 0.4f, 0.2f, 0.1f];

    private const float AffineDifference = 1;

    private readonly Vector3[] _rest;
    private readonly int[] _triangles;
    private readonly int[] _start;
    private readonly int[] _neighbour;
    private readonly float[] _edgeWeight;
    private readonly Affine[] _field;

    private NonRigidFit(FaceTemplate template, Vector3[] rest)
    {
        (_rest, _triangles, _field) = (rest, template.Triangles, new Affine[rest.Length]);
        var rings = new SortedSet<int>[rest.Length];
        for (var i = 0; i < _triangles.Length; i++)
        {
            var (a, b) = (_triangles[i], _triangles[i % 3 == 2 ? i - 2 : i + 1]);
            (rings[a] ??= []).Add(b);
            (rings[b] ??= []).Add(a);
        }

        _start = new int[rest.Length + 1];
        for (var v = 0; v < rest.Length; v++)
        {
            _start[v + 1] = _start[v] + (rings[v]?.Count ?? 0);
        }

        _neighbour = [.. rings.SelectMany(r => r ?? [])];
        _edgeWeight = new float[_neighbour.Length];
        for (var v = 0; v < rest.Length; v++)
        {
            for (var k = _start[v]; k < _start[v + 1]; k++)
            {
                // Coincident vertices (a pole, a closed slit) must not hold together infinitely hard.
                _edgeWeight[k] = 1 / MathF.Max(0.01f, Vector3.DistanceSquared(rest[v], rest[_neighbour[k]]));
            }
        }
    }

    /// <param name="rest">V positions, already near the surface.</param>
    /// <param name="landmarks">68 positions (NaN where there is none).</param>
    /// <param name="vertexWeights">How much each vertex's closest point counts; 0: it only follows its neighbours.</param>
    /// <returns>V positions on the surface.</returns>
    public static Vector3[] Run(
        FaceTemplate template, Vector3[] rest, TargetSurface surface, Vector3[] landmarks, float[] vertexWeights, IProgress<float>? progress, CancellationToken cancellation)
    {
        var fit = new NonRigidFit(template, rest);
        var near = new int[rest.Length];
        Array.Fill(near, -1);
        for (var s = 0; s < Stiffness.Length; s++)
        {
            // Landmarks slide the stiff skin along itself, against thousands of closest points that would hold it; then they let go, for whoever
            // placed them meant another point by a millimetre or three. Measured: lips of heads beyond the model's span 1.3 mm off for 2.1 without.
            var landmarkWeight = s switch { 0 => 20, 1 => 5, 2 => 1, _ => 0f };
            cancellation.ThrowIfCancellationRequested();
            var pulls = fit.ClosestPulls(surface, vertexWeights, near, within: MathF.Max(3, 12 - (2 * s)));
            if (landmarkWeight > 0)
            {
                pulls.AddRange(fit.LandmarkPulls(template, landmarks, landmarkWeight));
            }

            new AffineSystem(fit._rest, fit._start, fit._neighbour, fit._edgeWeight, pulls, Stiffness[s], AffineDifference).Solve(fit._field, cancellation);
            progress?.Report((s + 1f) / Stiffness.Length);
        }

        return fit.Positions();
    }

    private Vector3[] Positions() => [.. _rest.Zip(_field, (p, f) => p + f.Shift)];

    private List<Pull> ClosestPulls(TargetSurface surface, float[] weights, int[] near, float within)
    {
        var positions = Positions();
        var normals = MeshNormals.AngleWeighted(positions, _triangles);
        var found = new Pull[positions.Length];
        Parallel.For(0, (positions.Length + 511) / 512, c =>
        {
            for (var v = c * 512; v < Math.Min((c + 1) * 512, positions.Length); v++)
            {
                if (weights[v] > 0 && surface.TryClosest(positions[v], normals[v], within, ref near[v], out var target, out var targetNormal)
                    && Vector3.Dot(normals[v], targetNormal) > 0.5f)
                {
                    var d2 = Vector3.DistanceSquared(target, positions[v]);
                    found[v] = new Pull(v, Vector3.Zero, target - _rest[v], weights[v] / (1 + (d2 / (within * within / 9))));
                }
            }
        });
        return [.. found.Where(p => p.Weight > 0)];
    }

    private IEnumerable<Pull> LandmarkPulls(FaceTemplate template, Vector3[] landmarks, float weight)
    {
        // The jaw's landmarks and the brows' have no place of their own on a surface.
        for (var l = 27; l < landmarks.Length; l++)
        {
            if (!float.IsNaN(landmarks[l].X))
            {
                var mark = template.Landmarks[l];
                var p = mark.On(template, _rest);
                var b = mark.Barycentric;
                var corner = b.X >= b.Y && b.X >= b.Z ? 0 : b.Y >= b.Z ? 1 : 2;
                var v = template.Triangles[(3 * mark.Triangle) + corner];
                yield return new Pull(v, p - _rest[v], landmarks[l] - p, weight);
            }
        }
    }
}

/// <summary>A vertex's displacement and the change of its affine part, by columns.</summary>
internal struct Affine
{
    public Vector3 Shift;
    public Vector3 X;
    public Vector3 Y;
    public Vector3 Z;

    public readonly Vector3 At(Vector3 offset) => Shift + (offset.X * X) + (offset.Y * Y) + (offset.Z * Z);
}

/// <param name="Offset">From the vertex to the point that is drawn, which the vertex's transform carries.</param>
/// <param name="Way">Where it shall go, from its place at rest.</param>
internal readonly record struct Pull(int Vertex, Vector3 Offset, Vector3 Way, float Weight);
