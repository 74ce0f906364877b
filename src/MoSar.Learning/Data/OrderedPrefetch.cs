namespace MoSar.Learning.Data;

/// <summary>
/// Makes the items of a numbered sequence on several threads and hands them out in order. A ring of as many slots as items may be
/// ahead: a thread first gets leave to fill a slot, then takes the next number, so that no number waits behind a later one.
/// </summary>
internal sealed class OrderedPrefetch<T> : IDisposable
    where T : class
{
    private readonly Func<long, CancellationToken, T?> make;
    private readonly long end;
    private readonly TaskCompletionSource<T?>[] ring;
    private readonly SemaphoreSlim free;
    private readonly CancellationTokenSource stop;
    private readonly CancellationToken stopping;
    private readonly CancellationToken cancellation;
    private long taken;
    private long handed;
    private int users;
    private bool isDisposed;

    /// <param name="make">Called with each number once, on any thread; may throw, which is handed out in the item's place. Its token is cancelled when nobody wants more.</param>
    /// <param name="first">The first number.</param>
    /// <param name="end">The number after the last.</param>
    /// <param name="ahead">Items that are made or in work at most.</param>
    public OrderedPrefetch(Func<long, CancellationToken, T?> make, long first, long end, int ahead, int threads, CancellationToken cancellation)
    {
        (this.make, this.end, this.cancellation) = (make, end, cancellation);
        (taken, handed) = (first, first);
        ring = new TaskCompletionSource<T?>[ahead];
        for (var i = 0; i < ahead; i++)
        {
            ring[i] = Slot();
        }

        free = new SemaphoreSlim(ahead);
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stopping = stop.Token;
        threads = Math.Min(threads, ahead);
        users = threads + 1;
        for (var i = 0; i < threads; i++)
        {
            new Thread(Work) { IsBackground = true, Name = "mosar data" }.Start();
        }
    }

    /// <param name="item">The next one; null where <c>make</c> gave null.</param>
    /// <returns>False after the last.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public bool TryNext(out T? item)
    {
        item = null;
        cancellation.ThrowIfCancellationRequested();
        if (handed >= end)
        {
            return false;
        }

        ref var slot = ref ring[handed % ring.Length];
        slot.Task.WaitAsync(cancellation).GetAwaiter().GetResult();
        item = slot.Task.Result;
        slot = Slot();
        handed++;
        free.Release();
        return true;
    }

    /// <summary>Asks the threads to stop and does not wait for them: one may sit in a decoder or a slow disk that cannot be interrupted.</summary>
    public void Dispose()
    {
        if (!isDisposed)
        {
            isDisposed = true;
            stop.Cancel();
            Leave();
        }
    }

    private static TaskCompletionSource<T?> Slot() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Work()
    {
        try
        {
            while (true)
            {
                free.Wait(stopping);
                var number = Interlocked.Increment(ref taken) - 1;
                if (number >= end)
                {
                    return;
                }

                Fill(ring[number % ring.Length], number);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The way every thread ends that is not at the sequence's end.
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Whoever is the last to use the semaphore, a thread or the reader, puts it away.</summary>
    private void Leave()
    {
        if (Interlocked.Decrement(ref users) == 0)
        {
            stop.Dispose();
            free.Dispose();
        }
    }

    private void Fill(TaskCompletionSource<T?> slot, long number)
    {
        try
        {
            slot.SetResult(make(number, stopping));
        }
        catch (Exception e)
        {
            slot.SetException(e);

            // Nobody may come for it; without this the runtime would report it as unobserved.
            _ = slot.Task.Exception;
        }
    }
}
