using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;

namespace MoSar.Host.Training;

/// <summary>
/// TensorBoard's event file: TFRecords (length, its CRC, content, its CRC; CRC-32C, masked) of <c>tensorflow.Event</c> messages
/// (tensorflow/core/util/event.proto, framework/summary.proto). Only what training reports is written: scalars and pictures.
/// </summary>
internal sealed class EventFile : IDisposable
{
    // Field numbers of the messages, as tags: number << 3 | wire type (0 whole number, 1 double, 2 bytes, 5 float).
    private const uint EventWallTime = (1 << 3) | 1, EventStep = 2 << 3, EventFileVersion = (3 << 3) | 2, EventSummary = (5 << 3) | 2, EventSessionLog = (7 << 3) | 2;
    private const uint SummaryValue = (1 << 3) | 2, ValueTag = (1 << 3) | 2, ValueSimple = (2 << 3) | 5, ValueImage = (4 << 3) | 2;
    private const uint ImageHeight = 1 << 3, ImageWidth = 2 << 3, ImageColours = 3 << 3, ImageEncoded = (4 << 3) | 2;
    private const uint SessionStatus = 1 << 3;

    private readonly FileStream stream;
    private readonly TimeProvider time;

    /// <summary>Begins a file of its own. TensorBoard drops what other files of the folder say of later steps than where this one begins: a
    /// killed run may have reported steps that are now done again.</summary>
    /// <param name="step">Where training begins or goes on.</param>
    public EventFile(string folder, int step, TimeProvider time)
    {
        this.time = time;

        // TensorBoard reads a folder's files in the order of their names.
        var seconds = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000;
        stream = NewFile(folder, seconds);
        Write(step: 0, output => Bytes(output, EventFileVersion, "brain.Event:2"u8.ToArray()));
        if (step > 0)
        {
            Write(step + 1, output => Bytes(output, EventSessionLog, Message(log => Number(log, SessionStatus, 1))));
        }

        Flush();
    }

    /// <summary>Values of one step.</summary>
    public void Scalars(int step, IEnumerable<KeyValuePair<string, double>> values) => Write(step, output => Bytes(output, EventSummary, Message(summary =>
    {
        foreach (var (tag, value) in values)
        {
            Bytes(summary, SummaryValue, Message(v =>
            {
                Bytes(v, ValueTag, System.Text.Encoding.UTF8.GetBytes(tag));
                v.WriteTag(ValueSimple);
                v.WriteFloat((float)value);
            }));
        }
    })));

    /// <param name="png">RGB.</param>
    public void Picture(int step, string tag, byte[] png, int width, int height) => Write(step, output => Bytes(output, EventSummary, Message(summary =>
        Bytes(summary, SummaryValue, Message(v =>
        {
            Bytes(v, ValueTag, System.Text.Encoding.UTF8.GetBytes(tag));
            Bytes(v, ValueImage, Message(image =>
            {
                Number(image, ImageHeight, height);
                Number(image, ImageWidth, width);
                Number(image, ImageColours, 3);
                Bytes(image, ImageEncoded, png);
            }));
        })))));

    public void Flush() => stream.Flush();

    public void Dispose() => stream.Dispose();

    private static FileStream NewFile(string folder, long seconds)
    {
        for (var n = 0; ; n++)
        {
            var path = Path.Combine(folder, $"events.out.tfevents.{seconds:D10}.{n:D3}.mosar");
            if (!File.Exists(path))
            {
                return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
            }
        }
    }

    private void Write(int step, Action<CodedOutputStream> fill)
    {
        var content = Message(output =>
        {
            output.WriteTag(EventWallTime);
            output.WriteDouble((time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds);
            Number(output, EventStep, step);
            fill(output);
        });
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, content.Length);
        stream.Write(number);
        WriteCrc(number);
        stream.Write(content);
        WriteCrc(content);
    }

    private void WriteCrc(ReadOnlySpan<byte> of)
    {
        var crc = uint.MaxValue;
        foreach (var b in of)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        crc = ~crc;

        // The mask of TFRecords: a CRC of data that hold CRCs is weak.
        Span<byte> masked = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(masked, BitOperations.RotateRight(crc, 15) + 0xa282ead8);
        stream.Write(masked);
    }

    private static byte[] Message(Action<CodedOutputStream> fill)
    {
        using var memory = new MemoryStream();
        var output = new CodedOutputStream(memory);
        fill(output);
        output.Flush();
        return memory.ToArray();
    }

    private static void Bytes(CodedOutputStream output, uint tag, byte[] value)
    {
        output.WriteTag(tag);
        output.WriteBytes(UnsafeByteOperations.UnsafeWrap(value));
    }

    private static void Number(CodedOutputStream output, uint tag, long value)
    {
        output.WriteTag(tag);
        output.WriteInt64(value);
    }
}
