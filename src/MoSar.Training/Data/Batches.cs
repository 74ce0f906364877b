namespace MoSar.Training.Data;

/// <summary>Prepares the next step's items on other threads while the network learns from this one's.</summary>
internal sealed class Batches<T>(int size, Func<int, T> draw)
{
    private (int Step, Task<T[]> Task)? next;

    /// <summary>The items of a step; item numbers are step·size … step·size + size − 1.</summary>
    public T[] Of(int step)
    {
        var current = next is { } n && n.Step == step ? n.Task : Start(step);
        var items = current.GetAwaiter().GetResult();
        next = (step + 1, Start(step + 1));
        return items;
    }

    /// <summary>One field of all items as one array, item after item.</summary>
    public static float[] Join(T[] items, Func<T, float[]> field)
    {
        var each = field(items[0]).Length;
        var all = new float[items.Length * each];
        for (var i = 0; i < items.Length; i++)
        {
            field(items[i]).CopyTo(all, i * each);
        }

        return all;
    }

    private Task<T[]> Start(int step) => Task.Run(() =>
    {
        var items = new T[size];
        Parallel.For(0, size, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => items[i] = draw((step * size) + i));
        return items;
    });
}
