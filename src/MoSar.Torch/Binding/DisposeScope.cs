namespace TorchSharp;

/// <summary>
/// Frees what was made on its thread while it was the innermost scope, unless that was moved outward or detached.
/// Tensors made outside every scope wait for Dispose or the garbage collector.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic]
    private static DisposeScope? t_current;

    private readonly DisposeScope? _outer;
    private readonly HashSet<IDisposable> _held = new(ReferenceEqualityComparer.Instance);
    private bool _disposed;

    internal DisposeScope()
    {
        _outer = t_current;
        t_current = this;
    }

    internal static DisposeScope? Current => t_current;

    // A tensor may be disposed on another thread than the one whose scope holds it.
    internal void Add(IDisposable disposable)
    {
        lock (_held)
            _held.Add(disposable);
    }

    internal void Remove(IDisposable disposable)
    {
        lock (_held)
            _held.Remove(disposable);
    }

    private IDisposable[] Held()
    {
        lock (_held)
            return [.. _held];
    }

    public IReadOnlyList<IDisposable> DisposablesView => Held();

    public int DisposablesCount => _held.Count;

    public bool Contains(IDisposable disposable) => _held.Contains(disposable);

    public void Attach(IDisposable disposable) => Move(disposable, this);

    public void Attach(params IDisposable[] disposables)
    {
        foreach (IDisposable d in disposables)
            Move(d, this);
    }

    public T Detach<T>(T disposable)
        where T : IDisposable
    {
        Move(disposable, null);
        return disposable;
    }

    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => (Detach(first), Detach(second));

    public T MoveToOuter<T>(T disposable)
        where T : IDisposable
    {
        Move(disposable, _outer);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => (MoveToOuter(first), MoveToOuter(second));

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => (MoveToOuter(first), MoveToOuter(second), MoveToOuter(third));

    public void MoveToOuter(params IDisposable[] disposables)
    {
        foreach (IDisposable d in disposables)
            Move(d, _outer);
    }

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOuter(disposables.ToArray());

    public T MoveToOther<T>(DisposeScope scope, T disposable)
        where T : IDisposable
    {
        Move(disposable, scope);
        return disposable;
    }

    public void DisposeEverything() => DisposeEverythingBut(Array.Empty<IDisposable>());

    public void DisposeEverythingBut(params IDisposable[] keep)
    {
        foreach (IDisposable d in Held().Except(keep, ReferenceEqualityComparer.Instance).Cast<IDisposable>())
        {
            Remove(d);
            if (d is torch.Tensor t)
                t.Scope = null;
            d.Dispose();
        }
    }

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep) => DisposeEverythingBut(inKeep.ToArray());

    public T DisposeEverythingBut<T>(T keep)
        where T : IDisposable
    {
        DisposeEverythingBut(new IDisposable[] { keep });
        return keep;
    }

    private void Move(IDisposable disposable, DisposeScope? target)
    {
        if (disposable is torch.Tensor t)
        {
            t.Scope?.Remove(t);
            t.Scope = target;
        }
        else
        {
            Remove(disposable);
        }
        target?.Add(disposable);
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        DisposeEverything();
        // A scope that is left out of order, on another thread, must not cut this thread's chain.
        if (t_current == this)
            t_current = _outer;
    }
}

public static partial class torch
{
    public static DisposeScope NewDisposeScope() => new();

    public static DisposeScope? CurrentDisposeScope => DisposeScope.Current;

    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using DisposeScope scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }
}
