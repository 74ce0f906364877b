using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace MoSar.Safetensors.Tests;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mosar-safetensors-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string PathOf(string name) => Path.Combine(_folder, name);

    private static byte[] File_(string header, int dataBytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] all = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(all, json.Length);
        json.CopyTo(all, 8);
        return all;
    }

    private static MoSarException Refused(byte[] file) => Assert.Throws<MoSarException>(() => SafetensorsFile.Parse("face.safetensors", file));

    [Fact]
    public void What_is_written_is_read_back()
    {
        string path = PathOf("a.safetensors");
        var writer = new SafetensorsWriter { Metadata = { ["licence"] = "MIT", ["note"] = "ünï" } };
        writer.Add("bytes", new byte[] { 1, 2, 3 }, 3)
            .Add("floats", new float[] { 1.5f, -2, float.NaN, 4, 5, 6 }, 2, 3)
            .Add("number", new double[] { Math.PI })
            .Add("flags", new bool[] { true, false }, 2)
            .Add("longs", new long[] { long.MinValue, 7 }, 2, 1)
            .Add("none", Array.Empty<int>(), 0, 4)
            .AddAsHalf("half", new float[] { 0.5f, 65504 }, 2);
        writer.Save(path);
        SafetensorsFile file = SafetensorsFile.Read(path);
        Assert.Equal("ünï", file.Metadata["note"]);
        Assert.Equal([1.5f, -2, float.NaN, 4, 5, 6], file.Floats("floats"));
        Assert.Equal([2L, 3L], file.Shape("floats"));
        Assert.Equal(Math.PI, file.Span<double>("number")[0]);
        Assert.Empty(file.Shape("number"));
        Assert.Equal([1, 0], file.Ints("flags"));
        Assert.Equal(long.MinValue, file.Span<long>("longs")[0]);
        Assert.Equal([0.5f, 65504f], file.Floats("half"));
        Assert.Equal([1, 2, 3], file.Ints("bytes"));
        Assert.Empty(file.Floats("none"));
        Assert.Equal("weights-mismatch", Assert.Throws<MoSarException>(() => file.Ints("longs")).Code);
        Assert.Single(Directory.GetFiles(_folder));
    }

    /// <summary>All 65536, by vector and one by one (a span that is no multiple of the vector).</summary>
    [Fact]
    public void Every_half_is_converted_exactly()
    {
        Half[] halves = [.. Enumerable.Range(0, 65536 + 5).Select(i => BitConverter.UInt16BitsToHalf((ushort)i))];
        float[] floats = new float[halves.Length];
        HalfFloats.ToSingle(halves, floats);
        Assert.Equal(halves.Select(h => (float)h), floats);
    }

    [Fact]
    public void A_reader_with_a_remedy_of_its_own_gives_it_for_every_fault()
    {
        const string Remedy = "run the recipe again";
        using var stream = new MemoryStream();
        new SafetensorsWriter().Add("a", new[] { 1f }, 1).Write(stream);
        SafetensorsFile file = SafetensorsFile.Parse("a", stream.ToArray(), Remedy);
        Action[] faults =
        [
            () => SafetensorsFile.Read(PathOf("absent"), Remedy), () => SafetensorsFile.Parse("a", [], Remedy), () => SafetensorsFile.Parse("a", File_("[]", 0), Remedy),
            () => file.Entry("b"), () => file.Ints("a"), () => file.Span<int>("a"), () => throw file.Mismatch("a is not b"), () => throw file.Invalid("a is odd"),
        ];
        Assert.Equal(
            ["weights-missing", "weights-truncated", "weights-invalid", "weights-mismatch", "weights-mismatch", "weights-mismatch", "weights-mismatch", "weights-invalid"],
            faults.Select(f => Assert.Throws<MoSarException>(f) is { Remedy: Remedy } e ? e.Code : "another remedy"));
    }

    [Fact]
    public void The_bytes_do_not_depend_on_the_order_of_adding()
    {
        using var one = new MemoryStream();
        using var two = new MemoryStream();
        new SafetensorsWriter().Add("a", new[] { 1f }, 1).Add("b", new[] { 2 }, 1).Write(one);
        new SafetensorsWriter().Add("b", new[] { 2 }, 1).Add("a", new[] { 1f }, 1).Write(two);
        Assert.Equal(one.ToArray(), two.ToArray());
    }

    [Fact]
    public void Missing_files_are_named_with_a_remedy()
    {
        string path = PathOf("absent.safetensors");
        MoSarException e = Assert.Throws<MoSarException>(() => SafetensorsFile.Read(path));
        Assert.Equal("weights-missing", e.Code);
        Assert.Equal($"there is no file {path}", e.Message);
        Assert.Equal("check the path in the manifest, or make the file with the command that its recipe names", e.Remedy);
    }

    [Fact]
    public void Every_truncation_is_noticed()
    {
        using var stream = new MemoryStream();
        new SafetensorsWriter().Add("weight", new float[] { 1, 2, 3 }, 3).Write(stream);
        byte[] whole = stream.ToArray();
        for (int length = 0; length < whole.Length; length++)
        {
            MoSarException e = Refused(whole[..length]);
            Assert.Equal("weights-truncated", e.Code);
            Assert.StartsWith("face.safetensors is cut short", e.Message);
            Assert.Equal("get the file again: the copy was interrupted", e.Remedy);
        }
    }

    private const string One = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    [Theory]
    [InlineData("{}x", 0, "the header is not JSON")]
    [InlineData("[]", 0, "the header is not a JSON object")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", 16, "the name 'a' occurs twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "tensor 'b' overlaps another")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "leaves a hole before it")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "F32 [3] does not take the 8 bytes given")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "does not take the 0 bytes given")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,0],"data_offsets":[0,0]}}""", 0, "does not take the 0 bytes given")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "shape holds something that is not a whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "shape holds something that is not a whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "needs dtype, shape and two ascending data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,16]}}""", 8, "needs dtype, shape and two ascending data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999]}}""", 8, "data_offsets holds something that is not a whole number")]
    [InlineData("""{"a":{"dtype":"pickle","shape":[2],"data_offsets":[0,8]}}""", 8, "has the type 'pickle', which is not supported")]
    [InlineData("""{"a":{"dtype":"7","shape":[2],"data_offsets":[0,8]}}""", 8, "has the type '7', which is not supported")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "'dtype' is unknown, repeated or of the wrong kind")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"code":"x"}}""", 8, "'code' is unknown, repeated or of the wrong kind")]
    [InlineData("""{"a":7}""", 0, "is not described by an object")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "metadata 'a' is not text")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", 0, "metadata 'a' occurs twice")]
    [InlineData(One, 16, "8 bytes at the end belong to no tensor")]
    [InlineData("""{"a\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "is not valid text")]
    public void Hostile_headers_are_refused(string header, int data, string reason)
    {
        MoSarException e = Refused(File_(header, data));
        Assert.Equal("weights-invalid", e.Code);
        Assert.StartsWith("face.safetensors is not a sound safetensors file: ", e.Message);
        Assert.Contains(reason, e.Message);
        Assert.NotNull(e.Remedy);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(200_000_000UL)]
    public void Huge_headers_are_refused_before_anything_is_allocated(ulong length)
    {
        byte[] file = File_(One, 8);
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        Assert.Contains($"its header claims to be {length} bytes long", Refused(file).Message);
    }

    /// <summary>Whatever a few changed bytes do to a file, reading it either works within bounds or is refused as ours.</summary>
    [Property(MaxTest = 400)]
    public Property Damaged_files_never_escape() => Prop.ForAll(
        Gen.Zip(Gen.Choose(0, 400), Gen.Choose(0, 255)).ListOf(6).ToArbitrary(),
        changes =>
        {
            using var stream = new MemoryStream();
            new SafetensorsWriter { Metadata = { ["k"] = "v" } }.Add("weight", new float[] { 1, 2, 3, 4 }, 2, 2).Add("bias", new long[] { 1 }, 1).Write(stream);
            byte[] file = stream.ToArray();
            foreach ((int at, int value) in changes)
                file[at % file.Length] = (byte)value;
            try
            {
                SafetensorsFile read = SafetensorsFile.Parse("damaged", file);
                foreach (SafetensorsEntry e in read.Entries)
                    Assert.Equal(e.Length, read.Bytes(e.Name).Length);
            }
            catch (MoSarException e)
            {
                Assert.Contains("damaged", e.Message);
            }
        });

    [Fact]
    public void A_failed_write_leaves_nothing_behind()
    {
        string path = Path.Combine(_folder, "no", "such", "folder.safetensors");
        MoSarException e = Assert.Throws<MoSarException>(() => new SafetensorsWriter().Add("a", new[] { 1f }, 1).Save(path));
        Assert.Equal("write-failed", e.Code);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }
}
