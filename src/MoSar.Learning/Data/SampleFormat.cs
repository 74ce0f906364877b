using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace MoSar.Learning.Data;

/// <summary>
/// A prepared sample as bytes and back, without loss: pictures whose values all fit are kept in half precision. A checksum over all of
/// it finds any damage. For the cache of one machine, not for exchange: change <see cref="Version"/> with the layout.
/// </summary>
public static class SampleFormat
{
    /// <summary>Of the layout and of what <see cref="SamplePreparation"/> does; part of the cache's keys.</summary>
    public const int Version = 2;

    private const uint Magic = 0x5053534D;
    private const int HeaderLength = 16;

    public static byte[] Encode(DatasetSample sample)
    {
        using var stream = new MemoryStream(1 << 19);
        using (var w = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            w.Write(Magic);
            w.Write(Version);
            w.Write(0UL);
            Write(w, sample);
        }

        var bytes = stream.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), Checksum(bytes.AsSpan(HeaderLength)));
        return bytes;
    }

    /// <param name="bytes">As <see cref="Encode"/> made them, perhaps damaged.</param>
    /// <param name="template">Of the sample's mesh.</param>
    /// <returns>Null when they are damaged or of another version.</returns>
    public static DatasetSample? Decode(byte[] bytes, FaceTemplate? template)
    {
        if (bytes.Length < HeaderLength
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)) != Version
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8)) != Checksum(bytes.AsSpan(HeaderLength)))
        {
            return null;
        }

        return Read(new Reader(bytes, HeaderLength), template);
    }

    /// <summary>Two CRC-32C, which processors have, of the bytes' halves and of their length: damage goes unseen once in 2⁶⁴.</summary>
    private static ulong Checksum(ReadOnlySpan<byte> bytes)
    {
        var middle = bytes.Length / 2;
        return ((ulong)Crc(bytes[..middle], (uint)bytes.Length) << 32) | Crc(bytes[middle..], (uint)bytes.Length);
    }

    private static uint Crc(ReadOnlySpan<byte> bytes, uint start)
    {
        var crc = ~start;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (var rest in bytes[(bytes.Length & ~7)..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return ~crc;
    }

    private static void Write(BinaryWriter w, DatasetSample s)
    {
        w.Write(s.Id);
        w.Write(s.Subject);
        Optional(w, s.Atlas, w.Write);
        Optional(w, s.Photograph, p => WriteImage(w, p));
        Optional(w, s.Mask, p => WriteImage(w, p));
        Optional(w, s.Landmarks, l =>
        {
            Span(w, l.Points.ToArray());
            Span(w, l.Visible.ToArray());
        });
        Optional(w, s.Camera, c =>
        {
            Span(w, (double[])[c.Fx, c.Fy, c.Cx, c.Cy, .. c.Rotation]);
            Span(w, [c.Translation]);
        });
        Optional(w, s.Mesh, m => Span(w, m.Positions));
        w.Write(s.Maps.All.Count);
        foreach (var (d, pixels) in s.Maps.All.Values)
        {
            w.Write(d.Name);
            w.Write(d.Channels);
            w.Write(d.Minimum);
            w.Write(d.Maximum);
            w.Write((int)d.Encoding);
            w.Write(d.Units);
            w.Write(d.Description);
            WriteImage(w, pixels);
        }

        Optional(w, s.Labels, l =>
        {
            Optional(w, l.Position, p => WriteImage(w, p));
            Optional(w, l.Normal, p => WriteImage(w, p));
            Optional(w, l.Uv, p => WriteImage(w, p));
        });
        Optional(w, s.Light, l =>
        {
            Optional(w, l.Harmonics, h => Span(w, h.Coefficients));
            Optional(w, l.Environment, e =>
            {
                w.Write(e.Name);
                w.Write(e.Yaw);
                w.Write(e.Exposure);
                w.Write(e.IsMirrored);
            });
            Optional(w, l.Panorama, p => WriteImage(w, p));
        });
        Optional(w, s.Identity, i => Span(w, i.ToArray()));
        Optional(w, s.Expression, e =>
        {
            w.Write(e.Count);
            foreach (var (name, weight) in e)
            {
                w.Write(name);
                w.Write(weight);
            }
        });
        Optional(w, s.SkinTone, w.Write);
    }

    private static DatasetSample Read(Reader r, FaceTemplate? template)
    {
        var (id, subject, atlas) = (r.Text(), r.Text(), r.Optional(r.Text));
        var (photograph, mask) = (r.Optional(r.Image), r.Optional(r.Image));
        return new DatasetSample
        {
            Id = id,
            Subject = subject,
            Atlas = atlas,
            Photograph = photograph,
            Mask = mask,
            Landmarks = r.Optional(() => new SampleLandmarks(r.Array<Vector2>(), r.Array<bool>())),
            Camera = r.Optional(() =>
            {
                var c = r.Array<double>();
                return new PinholeCamera(c[0], c[1], c[2], c[3], c[4..], r.Array<Vector3>()[0]);
            }),
            Mesh = r.Optional(() => r.Array<Vector3>()) is { } positions && template is not null ? new Mesh(template, positions) : null,
            Maps = r.Maps(),
            Labels = r.Optional(() => new PixelLabels(r.Optional(r.Image), r.Optional(r.Image), r.Optional(r.Image))),
            Light = r.Optional(() => new SampleLight(
                r.Optional(() => new ShLight(r.Array<Vector3>())),
                r.Optional(() => new EnvironmentReference(r.Text(), r.Value<float>(), r.Value<float>(), r.Value<bool>())),
                r.Optional(r.Image))),
            Identity = r.Optional(r.Array<float>),
            Expression = r.Optional(() =>
            {
                var weights = new Dictionary<string, float>();
                for (var n = r.Value<int>(); n > 0; n--)
                {
                    weights[r.Text()] = r.Value<float>();
                }

                return weights;
            }),
            SkinTone = r.Optional(r.Text),
        };
    }

    private static void Optional<T>(BinaryWriter w, T? value, Action<T> write)
        where T : class
    {
        w.Write(value is not null);
        if (value is not null)
        {
            write(value);
        }
    }

    private static void Span<T>(BinaryWriter w, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        w.Write(values.Length);
        w.Write(MemoryMarshal.AsBytes(values));
    }

    private static void WriteImage(BinaryWriter w, Image image)
    {
        var bytes = new byte[2 * image.Pixels.Length];
        var isHalf = HalfFloats.TryPack(image.Pixels, bytes);
        w.Write(image.Width);
        w.Write(image.Height);
        w.Write(image.Channels);
        w.Write(isHalf);
        w.Write(isHalf ? bytes : MemoryMarshal.AsBytes(image.Pixels.AsSpan()));
    }

    /// <summary>Takes values off a buffer whose checksum is right, so that nothing in it needs to be doubted.</summary>
    private sealed class Reader(byte[] bytes, int at)
    {
        public T Value<T>()
            where T : unmanaged
        {
            var value = MemoryMarshal.Read<T>(bytes.AsSpan(at));
            at += System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
            return value;
        }

        public T[] Array<T>()
            where T : unmanaged
        {
            var values = new T[Value<int>()];
            var span = MemoryMarshal.AsBytes(values.AsSpan());
            Take(span.Length).CopyTo(span);
            return values;
        }

        public T? Optional<T>(Func<T> read)
            where T : class => Value<bool>() ? read() : null;

        public string Text()
        {
            // BinaryWriter's length, 7 bits a byte.
            var (length, shift, part) = (0, 0, 0);
            do
            {
                part = bytes[at++];
                length |= (part & 0x7F) << shift;
                shift += 7;
            }
            while ((part & 0x80) != 0);
            return Encoding.UTF8.GetString(Take(length));
        }

        public Image Image()
        {
            var (width, height, channels, isHalf) = (Value<int>(), Value<int>(), Value<int>(), Value<bool>());
            var pixels = GC.AllocateUninitializedArray<float>(width * height * channels);
            if (isHalf)
            {
                HalfFloats.Unpack(Take(2 * pixels.Length), pixels);
            }
            else
            {
                Take(4 * pixels.Length).CopyTo(MemoryMarshal.AsBytes(pixels.AsSpan()));
            }

            return new Image(width, height, channels, pixels);
        }

        public MapSet Maps()
        {
            var maps = MapSet.Empty;
            for (var n = Value<int>(); n > 0; n--)
            {
                var descriptor = new MapDescriptor(Text(), Value<int>(), Value<float>(), Value<float>(), (MapEncoding)Value<int>(), Text(), Text());
                maps = maps.With(new Map(descriptor, Image()));
            }

            return maps;
        }

        private ReadOnlySpan<byte> Take(int length)
        {
            var taken = bytes.AsSpan(at, length);
            at += length;
            return taken;
        }
    }
}
