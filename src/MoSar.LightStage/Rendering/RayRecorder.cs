using System.Collections.Concurrent;
using System.Numerics;

namespace MoSar.LightStage;

/// <summary>Keeps every batch of rays that a picture traces, so that a benchmark can trace them again without anything else.</summary>
internal sealed class RayRecorder
{
    private readonly ConcurrentBag<(StageBody Body, Vector3[] Origins, Vector3[] Directions, bool Closest)> _batches = [];

    public void Add(StageBody body, Vector3[] origins, Vector3[] directions, int count, bool closest)
    {
        if (count > 0)
        {
            _batches.Add((body, origins[..count], directions[..count], closest));
        }
    }

    /// <summary>Traces everything again on this thread; returns how many rays that were.</summary>
    public long Replay()
    {
        var most = _batches.Max(b => b.Origins.Length);
        var (hits, blocked) = (new HitBuffers(most), new byte[most]);
        var rays = 0L;
        foreach (var (body, origins, directions, closest) in _batches)
        {
            if (closest)
            {
                body.Rays.ClosestInto(origins, directions, hits.Triangle, hits.Distance, hits.U, hits.V, coherent: false);
            }
            else
            {
                body.Rays.OccludedInto(origins, directions, blocked);
            }

            rays += origins.Length;
        }

        return rays;
    }
}
