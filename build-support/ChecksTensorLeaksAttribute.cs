using System.Reflection;
using Xunit.Sdk;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace MoSar.Testing;

/// <summary>
/// Fails a test that leaves more tensors alive than it found, without waiting for the garbage collector. The count is the
/// process's, so it needs an assembly whose tests do not run side by side: the project sets
/// <c>&lt;ChecksTensorLeaks&gt;true&lt;/ChecksTensorLeaks&gt;</c>, which adds this file and says so.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class ChecksTensorLeaksAttribute : BeforeAfterTestAttribute
{
    private long _before;

    public override void Before(MethodInfo methodUnderTest)
    {
        // What earlier tests left to the collector must not vanish during this one and hide a leak.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        _before = TensorEngine.LiveTensors;
    }

    public override void After(MethodInfo methodUnderTest)
    {
        long left = TensorEngine.LiveTensors - _before;
        if (left > 0)
            throw new XunitException($"{methodUnderTest.DeclaringType?.Name}.{methodUnderTest.Name} leaves {left} tensors alive: dispose them, or work in a NewDisposeScope()");
    }
}
