using System.Buffers.Binary;
using Google.Protobuf;
using MoSar.Host.Training;

namespace MoSar.Host.Tests.Training;

/// <summary>Read back with a reader of our own: records and their sums by the format's description, messages by protobuf's rules.</summary>
public sealed class EventFileTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void ScalarsAndPicturesAreRecordsOfEvents()
    {
        var time = new FixedTime(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_250));
        using (var file = new EventFile(workspace.Root, 0, time))
        {
            file.Scalars(7, [KeyValuePair.Create("train/loss", 0.5), KeyValuePair.Create("train/é", -2.0)]);
            file.Picture(9, "validation", [1, 2, 3], width: 5, height: 4);
        }

        var path = Assert.Single(Directory.GetFiles(workspace.Root, "events.out.tfevents.*"));
        Assert.Equal("events.out.tfevents.1700000000.000.mosar", Path.GetFileName(path));
        var events = Records(File.ReadAllBytes(path)).Select(Fields).ToArray();
        Assert.Equal(3, events.Length);
        Assert.All(events, e => Assert.Equal(1_700_000_000.25, BitConverter.Int64BitsToDouble((long)e[1].Single().Number)));
        Assert.Equal("brain.Event:2", events[0][3].Single().Text);

        Assert.Equal(7UL, events[1][2].Single().Number);
        var values = Fields(events[1][5].Single().Bytes)[1].Select(v => Fields(v.Bytes)).ToArray();
        Assert.Equal([("train/loss", 0.5f), ("train/é", -2f)], values.Select(v => (v[1].Single().Text, BitConverter.Int32BitsToSingle((int)v[2].Single().Number))));

        Assert.Equal(9UL, events[2][2].Single().Number);
        var picture = Fields(Fields(events[2][5].Single().Bytes)[1].Single().Bytes);
        Assert.Equal("validation", picture[1].Single().Text);
        var image = Fields(picture[4].Single().Bytes);
        Assert.Equal((4UL, 5UL, 3UL), (image[1].Single().Number, image[2].Single().Number, image[3].Single().Number));
        Assert.Equal([1, 2, 3], image[4].Single().Bytes);
    }

    [Fact]
    public void ATrainingThatGoesOnBeginsAFileThatPurgesLaterSteps()
    {
        var time = new FixedTime(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
        new EventFile(workspace.Root, 0, time).Dispose();
        new EventFile(workspace.Root, 250, time).Dispose();
        var paths = Directory.GetFiles(workspace.Root, "events.out.tfevents.*").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(2, paths.Length);
        var start = Fields(Records(File.ReadAllBytes(paths[1])).Last());

        // SessionLog.START at the first step that is done again.
        Assert.Equal(251UL, start[2].Single().Number);
        Assert.Equal(1UL, Fields(start[7].Single().Bytes)[1].Single().Number);
    }

    private static IEnumerable<byte[]> Records(byte[] file)
    {
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            var content = file.AsSpan(at + 12, length).ToArray();
            Assert.Equal(Masked(content), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            yield return content;
            at += 16 + length;
        }
    }

    private static uint Masked(ReadOnlySpan<byte> of)
    {
        // Known answer of CRC-32C (RFC 3720, B.4: 32 bytes of zeros).
        Assert.Equal(0x8a9136aaU, Crc(new byte[32]));
        var crc = Crc(of);
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }

    /// <summary>Bit by bit, Castagnoli's polynomial reversed.</summary>
    private static uint Crc(ReadOnlySpan<byte> of)
    {
        var crc = 0xffffffffU;
        foreach (var b in of)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82f63b78U);
            }
        }

        return ~crc;
    }

    private static ILookup<int, Field> Fields(byte[] message)
    {
        var input = new CodedInputStream(message);
        var fields = new List<(int, Field)>();
        while (input.ReadTag() is not 0 and var tag)
        {
            fields.Add(((int)(tag >> 3), (tag & 7) switch
            {
                0 => new Field(input.ReadUInt64(), []),
                1 => new Field(input.ReadFixed64(), []),
                5 => new Field(input.ReadFixed32(), []),
                _ => new Field(0, input.ReadBytes().ToByteArray()),
            }));
        }

        return fields.ToLookup(f => f.Item1, f => f.Item2);
    }

    private sealed record Field(ulong Number, byte[] Bytes)
    {
        public string Text => System.Text.Encoding.UTF8.GetString(Bytes);
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
