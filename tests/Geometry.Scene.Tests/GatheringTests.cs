namespace MoSar.Plugins.Scene.Tests;

/// <summary>Calls wait for no company, and those that have to wait are done together.</summary>
public sealed class GatheringTests
{
    [Fact]
    public void CallsThatWaitAreDoneTogetherUpToTheMost()
    {
        var sizes = new List<int>();
        using var turns = new Turns();
        var gathering = new Gathering<int, int>(
            items =>
            {
                sizes.Add(items.Count);
                turns.WaitIfFirst();
                return [.. items.Select(i => 10 * i)];
            },
            most: 3);
        var results = new int[6];
        turns.Run(6, i => results[i] = gathering.Run(i), () => gathering.Waiting == 5);
        Assert.Equal([0, 10, 20, 30, 40, 50], results);
        Assert.Equal([1, 3, 2], sizes);
    }

    [Fact]
    public void AnErrorReachesAllWhoseWorkItWasAndNobodyElse()
    {
        using var turns = new Turns();
        var gathering = new Gathering<int, int>(
            items => turns.WaitIfFirst() ? items : throw new InvalidOperationException($"{items.Count} items"),
            most: 8);
        var messages = new string?[3];
        turns.Run(3, i => messages[i] = Record.Exception(() => gathering.Run(i))?.Message, () => gathering.Waiting == 2);
        Assert.Equal(["", "2 items", "2 items"], messages.Select(m => m ?? ""));
        Assert.Equal("1 items", Record.Exception(() => gathering.Run(0))?.Message);
    }

    /// <summary>Call 0 is at work, alone, until all others stand in line: the others only start once it works.</summary>
    private sealed class Turns : IDisposable
    {
        private readonly ManualResetEventSlim atWork = new();
        private readonly ManualResetEventSlim inLine = new();

        /// <summary>Whether this is the first piece of work, after the others stand in line.</summary>
        public bool WaitIfFirst()
        {
            if (atWork.IsSet)
            {
                return false;
            }

            atWork.Set();
            inLine.Wait();
            return true;
        }

        public void Run(int count, Action<int> work, Func<bool> standing)
        {
            Thread[] threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() => work(i)))];
            threads[0].Start();
            atWork.Wait();
            foreach (var thread in threads[1..])
            {
                thread.Start();
            }

            var stand = SpinWait.SpinUntil(standing, TimeSpan.FromMinutes(1));
            inLine.Set();
            foreach (var thread in threads)
            {
                thread.Join();
            }

            Assert.True(stand, "the others never stood in line");
        }

        public void Dispose()
        {
            atWork.Dispose();
            inLine.Dispose();
        }
    }
}
