using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace MoSar.Graphics;

/// <summary>The binary chunk of a .glb with the views and accessors into it.</summary>
internal sealed class GltfBuffer
{
    private const int Float = 5126;
    private const int UnsignedShort = 5123;
    private const int UnsignedInt = 5125;
    private const int VertexTarget = 34962;
    private const int IndexTarget = 34963;

    private readonly MemoryStream _bytes = new();
    private readonly JsonArray _views = [];
    private readonly JsonArray _accessors = [];

    /// <summary>A view without an accessor: pictures.</summary>
    public int AddBytes(ReadOnlySpan<byte> bytes) => AddView(bytes, null);

    public int AddIndices(ReadOnlySpan<uint> indices, int vertices) =>
        AddAccessor(new JsonObject { ["bufferView"] = AddView(Indices(indices, vertices, out var type), IndexTarget), ["componentType"] = type }, indices.Length, "SCALAR");

    public int AddVectors<T>(ReadOnlySpan<T> vectors, bool withBounds)
        where T : unmanaged
    {
        var accessor = new JsonObject { ["bufferView"] = AddView(MemoryMarshal.AsBytes(vectors), VertexTarget), ["componentType"] = Float };
        if (withBounds)
        {
            AddBounds(accessor, MemoryMarshal.Cast<T, Vector3>(vectors), includeZero: false);
        }

        return AddAccessor(accessor, vectors.Length, $"VEC{Unsafe.SizeOf<T>() / sizeof(float)}");
    }

    /// <summary>Offsets of a morph target: sparse where that is smaller, values of at most <paramref name="threshold"/> count as 0.</summary>
    public int AddOffsets(ReadOnlySpan<Vector3> offsets, float threshold)
    {
        var (indices, values) = (new List<uint>(), new List<Vector3>());
        for (var i = 0; i < offsets.Length; i++)
        {
            if (offsets[i].Length() > threshold)
            {
                indices.Add((uint)i);
                values.Add(offsets[i]);
            }
        }

        if (values.Count * (12 + (offsets.Length > 65535 ? 4 : 2)) >= offsets.Length * 12)
        {
            return AddVectors(offsets, withBounds: true);
        }

        // An accessor without a buffer view is all zeros; the sparse part overrides.
        var accessor = new JsonObject { ["componentType"] = Float };
        AddBounds(accessor, CollectionsMarshal.AsSpan(values), includeZero: values.Count < offsets.Length);
        if (values.Count > 0)
        {
            var at = AddView(Indices(CollectionsMarshal.AsSpan(indices), offsets.Length, out var type), null);
            accessor["sparse"] = new JsonObject
            {
                ["count"] = values.Count,
                ["indices"] = new JsonObject { ["bufferView"] = at, ["componentType"] = type },
                ["values"] = new JsonObject { ["bufferView"] = AddView(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(values)), null) },
            };
        }

        return AddAccessor(accessor, offsets.Length, "VEC3");
    }

    /// <summary>The whole file: header, JSON chunk, binary chunk.</summary>
    public byte[] Finish(JsonObject root)
    {
        Pad(_bytes, 0);
        root["accessors"] = _accessors;
        root["bufferViews"] = _views;
        root["buffers"] = new JsonArray(new JsonObject { ["byteLength"] = _bytes.Length });
        var json = new MemoryStream();
        json.Write(Encoding.UTF8.GetBytes(root.ToJsonString()));
        Pad(json, (byte)' ');

        var length = checked((int)(12 + 8 + json.Length + 8 + _bytes.Length));
        var file = new byte[length];
        "glTF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), 2);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(8), length);
        var at = WriteChunk(file, 12, "JSON"u8, json);
        WriteChunk(file, at, "BIN\0"u8, _bytes);
        return file;
    }

    private static int WriteChunk(byte[] file, int at, ReadOnlySpan<byte> type, MemoryStream content)
    {
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), (int)content.Length);
        type.CopyTo(file.AsSpan(at + 4));
        content.GetBuffer().AsSpan(0, (int)content.Length).CopyTo(file.AsSpan(at + 8));
        return at + 8 + (int)content.Length;
    }

    private static byte[] Indices(ReadOnlySpan<uint> indices, int vertices, out int type)
    {
        // 65535 itself is the restart mark and may not be used.
        if (vertices >= 65535)
        {
            type = UnsignedInt;
            return MemoryMarshal.AsBytes(indices).ToArray();
        }

        type = UnsignedShort;
        var shorts = new ushort[indices.Length];
        for (var i = 0; i < shorts.Length; i++)
        {
            shorts[i] = (ushort)indices[i];
        }

        return MemoryMarshal.AsBytes<ushort>(shorts).ToArray();
    }

    private int AddView(ReadOnlySpan<byte> bytes, int? target)
    {
        Pad(_bytes, 0);
        var view = new JsonObject { ["buffer"] = 0, ["byteOffset"] = _bytes.Length, ["byteLength"] = bytes.Length };
        if (target is { } t)
        {
            view["target"] = t;
        }

        _bytes.Write(bytes);
        _views.Add(view);
        return _views.Count - 1;
    }

    private int AddAccessor(JsonObject accessor, int count, string type)
    {
        accessor["count"] = count;
        accessor["type"] = type;
        _accessors.Add(accessor);
        return _accessors.Count - 1;
    }

    private static void AddBounds(JsonObject accessor, ReadOnlySpan<Vector3> vectors, bool includeZero)
    {
        var (low, high) = includeZero ? (Vector3.Zero, Vector3.Zero) : (new Vector3(float.PositiveInfinity), new Vector3(float.NegativeInfinity));
        foreach (var v in vectors)
        {
            (low, high) = (Vector3.Min(low, v), Vector3.Max(high, v));
        }

        accessor["min"] = new JsonArray(low.X, low.Y, low.Z);
        accessor["max"] = new JsonArray(high.X, high.Y, high.Z);
    }

    private static void Pad(MemoryStream stream, byte with)
    {
        while (stream.Length % 4 != 0)
        {
            stream.WriteByte(with);
        }
    }
}
