using System.Runtime.InteropServices;
using System.Text;

namespace MoSar.Detect.OpenCv;

/// <summary>One loaded cascade. Not safe for two threads at once: OpenCV keeps its evaluator's state in the classifier.</summary>
internal sealed partial class NativeCascade : SafeHandle
{
    private const string Library = "mosar_detect_opencv";
    private const int MaximumBoxes = 256;

    private NativeCascade(nint handle)
        : base(0, ownsHandle: true) => SetHandle(handle);

    public override bool IsInvalid => handle == 0;

    /// <exception cref="MoSarException">The file is no cascade, or the native library or OpenCV cannot be loaded.</exception>
    public static NativeCascade Open(string path)
    {
        Span<byte> error = stackalloc byte[512];
        nint cascade;
        try
        {
            cascade = OpenNative(path, error, error.Length);
        }
        catch (DllNotFoundException e)
        {
            throw new MoSarException("opencv-missing", "OpenCV's native library cannot be loaded.", "apt-get install libopencv-objdetect-dev, then build again.", e);
        }

        return cascade != 0
            ? new NativeCascade(cascade)
            : throw new MoSarException("cascade-broken", $"'{path}' cannot be read as a face cascade: {Text(error)}.", "Name a cascade file of the package opencv-data.");
    }

    /// <summary>All boxes: left, top, width, height in pixels of <paramref name="grey"/>, and the margin of the last stage.</summary>
    public List<(float Left, float Top, float Width, float Height, float Weight)> Detect(byte[] grey, int width, int height, double scale, int neighbours, int minimumSize)
    {
        Span<byte> error = stackalloc byte[512];
        Span<float> boxes = stackalloc float[5 * MaximumBoxes];
        var count = DetectNative(handle, grey, width, height, scale, neighbours, minimumSize, boxes, MaximumBoxes, error, error.Length);
        if (count < 0)
        {
            throw new InvalidOperationException($"OpenCV failed: {Text(error)}");
        }

        var found = new List<(float, float, float, float, float)>(count);
        for (var i = 0; i < count; i++)
        {
            var b = boxes.Slice(5 * i, 5);
            found.Add((b[0], b[1], b[2], b[3], b[4]));
        }

        return found;
    }

    protected override bool ReleaseHandle()
    {
        Close(handle);
        return true;
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    [LibraryImport(Library, EntryPoint = "mosar_cascade_open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenNative(string path, Span<byte> error, int capacity);

    [LibraryImport(Library, EntryPoint = "mosar_cascade_close")]
    private static partial void Close(nint cascade);

    [LibraryImport(Library, EntryPoint = "mosar_cascade_detect")]
    private static partial int DetectNative(
        nint cascade, ReadOnlySpan<byte> grey, int width, int height, double scale, int neighbours, int minimumSize, Span<float> boxes, int capacity, Span<byte> error, int errorCapacity);
}
