using System.Runtime.ExceptionServices;

namespace MoSar.Plugins.Scene;

/// <summary>Calls that come while another is at work are then done together, in the order in which they came: nobody waits for company, and there is company when there is waiting.</summary>
/// <param name="work">As many results as items, in their order.</param>
/// <param name="most">Items at once at most.</param>
internal sealed class Gathering<TItem, TResult>(Func<IReadOnlyList<TItem>, IReadOnlyList<TResult>> work, int most)
{
    private readonly Lock working = new();
    private readonly Queue<Call> waiting = new();

    /// <summary>Calls that nobody works on yet.</summary>
    public int Waiting
    {
        get
        {
            lock (waiting)
            {
                return waiting.Count;
            }
        }
    }

    /// <summary>What the work makes of this item, perhaps done by another caller's thread; throws what the work threw.</summary>
    public TResult Run(TItem item)
    {
        var call = new Call(item);
        lock (waiting)
        {
            waiting.Enqueue(call);
        }

        lock (working)
        {
            while (!call.Done)
            {
                Work();
            }
        }

        call.Error?.Throw();
        return call.Result!;
    }

    private void Work()
    {
        List<Call> together = [];
        lock (waiting)
        {
            while (together.Count < most && waiting.TryDequeue(out var next))
            {
                together.Add(next);
            }
        }

        try
        {
            var results = work([.. together.Select(c => c.Item)]);
            for (var i = 0; i < together.Count; i++)
            {
                together[i].Result = results[i];
            }
        }
        catch (Exception e)
        {
            var error = ExceptionDispatchInfo.Capture(e);
            together.ForEach(c => c.Error = error);
        }

        together.ForEach(c => c.Done = true);
    }

    private sealed class Call(TItem item)
    {
        public TItem Item { get; } = item;

        public TResult? Result { get; set; }

        public ExceptionDispatchInfo? Error { get; set; }

        public bool Done { get; set; }
    }
}
