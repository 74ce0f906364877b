using System.Reflection;
using Xunit.Sdk;

namespace MoSar.Testing;

/// <summary>
/// Fails a test that leaves more tensors alive than it found, without waiting for the garbage collector. A project that sets
/// <c>&lt;ChecksTensorLeaks&gt;true&lt;/ChecksTensorLeaks&gt;</c> has it.
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
