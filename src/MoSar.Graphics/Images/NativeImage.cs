using System.Runtime.InteropServices;
using System.Text;

namespace MoSar.Graphics;

/// <summary>The C door to OpenImageIO (native/mosar_image.cpp). Loaded at the first call: about 0.25 s, see <see cref="ImageFile.Warm"/>.</summary>
internal static unsafe partial class NativeImage
{
    private const string Library = "mosar_image";

    private const int ErrorSize = 1024;

    [StructLayout(LayoutKind.Sequential)]
    internal struct Info
    {
        public int Width;
        public int Height;
        public int Channels;
        public int Kind;
        public int AlphaChannel;
        public int Orientation;
        public int ExifWidth;
        public int ExifHeight;
        public int FocalPlaneUnit;
        public float Focal35;
        public float FocalMillimetres;
        public float FocalPlaneResolution;
    }

    internal const int KindByte = 1;
    internal const int KindUshort = 2;
    internal const int KindHalf = 3;
    internal const int KindFloat = 4;

    [LibraryImport(Library, EntryPoint = "mosar_image_version")]
    internal static partial int Version();

    [LibraryImport(Library, EntryPoint = "mosar_image_open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string format, byte* data, long size, out nint handle, out Info info, byte* error, int errorSize);

    [LibraryImport(Library, EntryPoint = "mosar_image_read")]
    private static partial int Read(nint handle, int kind, int channels, void* pixels, byte* error, int errorSize);

    [LibraryImport(Library, EntryPoint = "mosar_image_icc")]
    private static partial long Icc(nint handle, byte* buffer, long capacity);

    [LibraryImport(Library, EntryPoint = "mosar_image_close")]
    private static partial void Close(nint handle);

    [LibraryImport(Library, EntryPoint = "mosar_image_encode", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Encode(
        string format, int width, int height, int channels, int kind, float* pixels, int quality, out nint buffer, out byte* data, out long size, byte* error, int errorSize);

    [LibraryImport(Library, EntryPoint = "mosar_image_free")]
    private static partial void Free(nint buffer);

    /// <summary>An opened picture over pinned bytes.</summary>
    internal sealed class Reader : IDisposable
    {
        private GCHandle _bytes;
        private nint _handle;

        /// <exception cref="NativeImageException">OpenImageIO refuses the data.</exception>
        public Reader(string format, byte[] bytes)
        {
            _bytes = GCHandle.Alloc(bytes, GCHandleType.Pinned);
            var error = stackalloc byte[ErrorSize];
            if (Open(format, (byte*)_bytes.AddrOfPinnedObject(), bytes.LongLength, out _handle, out var info, error, ErrorSize) != 0)
            {
                _bytes.Free();
                throw new NativeImageException(Text(error));
            }

            Info = info;
        }

        public Info Info { get; }

        /// <summary>The embedded ICC profile; empty for none. Profiles of tables, which may be larger, are not used anyway.</summary>
        public ReadOnlySpan<byte> Icc()
        {
            var buffer = new byte[1 << 16];
            fixed (byte* p = buffer)
            {
                return buffer.AsSpan(0, (int)NativeImage.Icc(_handle, p, buffer.Length));
            }
        }

        /// <summary>Fills the span with the first channels of every pixel; its element must match the kind.</summary>
        public void Read<T>(int kind, int channels, Span<T> pixels)
            where T : unmanaged
        {
            if (pixels.Length < (long)Info.Width * Info.Height * channels)
            {
                throw new ArgumentException("The buffer is too small.", nameof(pixels));
            }

            var error = stackalloc byte[ErrorSize];
            fixed (T* p = pixels)
            {
                if (NativeImage.Read(_handle, kind, channels, p, error, ErrorSize) != 0)
                {
                    throw new NativeImageException(Text(error));
                }
            }
        }

        public void Dispose()
        {
            if (_handle != 0)
            {
                Close(_handle);
                _handle = 0;
                _bytes.Free();
            }
        }
    }

    /// <summary>Encodes in memory. Quality is JPEG's 1..100, else 0.</summary>
    /// <exception cref="NativeImageException">OpenImageIO refuses.</exception>
    internal static byte[] Encode(string format, Image image, int kind, int quality)
    {
        var error = stackalloc byte[ErrorSize];
        fixed (float* p = image.Pixels)
        {
            if (Encode(format, image.Width, image.Height, image.Channels, kind, p, quality, out var buffer, out var data, out var size, error, ErrorSize) != 0)
            {
                throw new NativeImageException(Text(error));
            }

            try
            {
                return new ReadOnlySpan<byte>(data, checked((int)size)).ToArray();
            }
            finally
            {
                Free(buffer);
            }
        }
    }

    private static string Text(byte* error)
    {
        var text = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(error)).Trim();
        return text.Length == 0 ? "no reason given" : text;
    }
}

/// <summary>What OpenImageIO said; turned into a MoSarException by whoever knows the file.</summary>
internal sealed class NativeImageException(string message) : Exception(message);
