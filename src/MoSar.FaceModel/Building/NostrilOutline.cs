using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Faces.Building;

/// <summary>
/// Where the left nostril begins, in the chart: the outline of the hollow beside the nose's base, that is of the points that see little of the
/// outside, as a distance from its centre by direction.
/// </summary>
internal sealed class NostrilOutline
{
    // Around the nose's base, millimetres.
    private const float Reach = 20;

    // Openness (1 is a free hemisphere) below which a point is inside.
    private const float Hollow = 0.3f;
    private const int Rays = 256;
    private const int Directions = 24;

    private readonly (double X, double Y) _centre;
    private readonly double[] _radius = new double[Directions];

    /// <exception cref="MoSarException">The source has no nostril there.</exception>
    public NostrilOutline(DiscChart chart, Vector3 noseBase)
    {
        var near = Enumerable.Range(0, chart.Positions.Length).Where(c => Vector3.Distance(chart.Positions[c], noseBase) < Reach).ToArray();
        var normals = MeshNormals.Of(chart.Positions, chart.Triangles);
        using var scene = new RayScene(chart.Positions, chart.Triangles);
        var open = scene.Openness([.. near.Select(c => chart.Positions[c])], [.. near.Select(c => normals[c])], Rays, offset: 0.05f);
        int[] inside = [.. near.Where((_, i) => open[i] < Hollow)];
        if (inside.Length == 0)
        {
            throw new MoSarException("source-damaged", "The source's nose has no nostril.", "Use ICT-FaceKit's own topology.");
        }

        _centre = (Median(inside, chart.X), Median(inside, chart.Y));
        foreach (var c in inside)
        {
            double x = chart.X[c] - _centre.X, y = chart.Y[c] - _centre.Y;
            var bin = (int)(Turns(Math.Atan2(y, x)) * Directions) % Directions;
            _radius[bin] = Math.Max(_radius[bin], Math.Sqrt((x * x) + (y * y)));
        }
    }

    /// <summary>The outline's chart position in a direction, radians from the chart's x towards its y.</summary>
    public (double X, double Y) At(double angle)
    {
        // Linear between the middles of the bins.
        var at = (Turns(angle) * Directions) - .5;
        var bin = (int)Math.Floor(at);
        var f = at - bin;
        var r = ((1 - f) * _radius[(bin + Directions) % Directions]) + (f * _radius[(bin + 1) % Directions]);
        return (_centre.X + (r * Math.Cos(angle)), _centre.Y + (r * Math.Sin(angle)));
    }

    private static double Turns(double angle)
    {
        var turns = angle / (2 * Math.PI);
        return turns - Math.Floor(turns);
    }

    private static double Median(int[] members, double[] of) => members.Select(m => of[m]).Order().ElementAt(members.Length / 2);
}
