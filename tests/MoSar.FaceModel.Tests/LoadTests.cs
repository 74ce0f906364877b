using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace MoSar.Faces.Tests;

/// <summary>What a person gets for a model file that is absent or damaged, and what a good one evaluates to.</summary>
public sealed class LoadTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mosar-model").FullName;

    [Fact]
    public void MissingFileIsNamedWithTheRemedy()
    {
        var path = Path.Combine(_folder, "none.safetensors");
        var e = Assert.Throws<MoSarException>(() => FaceModel.Load(path));
        Assert.Equal("weights-missing", e.Code);
        Assert.Equal($"there is no file {path}", e.Message);
        Assert.Contains("mosar model build --from ict-facekit", e.Remedy);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(700)]
    [InlineData(1_000_000)]
    public void TruncatedFileIsRefused(int length)
    {
        var path = Write(File.ReadAllBytes(ShippedModel.Path).AsSpan(0, length));
        var e = Assert.Throws<MoSarException>(() => FaceModel.Load(path));
        Assert.Equal("weights-truncated", e.Code);
        Assert.Contains("mosar model build --from ict-facekit", e.Remedy);
    }

    [Fact]
    public void MissingTensorIsNamed()
    {
        var path = Rewrite(header => header.Replace("\"mirror\"", "\"mirroR\"", StringComparison.Ordinal));
        var e = Assert.Throws<MoSarException>(() => FaceModel.Load(path));
        Assert.Equal("weights-mismatch", e.Code);
        Assert.StartsWith($"{path} holds no tensor 'mirror'; it holds ", e.Message);
        Assert.Contains("mosar model build --from ict-facekit", e.Remedy);
    }

    [Fact]
    public void AnotherSchemaIsRefused()
    {
        var path = Rewrite(header => header.Replace("mosar/face-model/1", "mosar/face-model/9", StringComparison.Ordinal));
        var e = Assert.Throws<MoSarException>(() => FaceModel.Load(path));
        Assert.Equal("weights-mismatch", e.Code);
        Assert.Equal($"{path}: its schema is 'mosar/face-model/9', this build reads 'mosar/face-model/1'", e.Message);
    }

    [Fact]
    public void IndexOutsideItsTableIsRefused()
    {
        var path = Corrupt("mirror", bytes => BinaryPrimitives.WriteInt32LittleEndian(bytes, 1 << 24));
        var e = Assert.Throws<MoSarException>(() => FaceModel.Load(path));
        Assert.Equal("weights-invalid", e.Code);
        Assert.StartsWith($"{path}: tensor 'mirror' holds the index 16777216", e.Message);
    }

    [Fact]
    public void ValueThatIsNotFiniteIsRefused()
    {
        var path = Corrupt("mean", bytes => BinaryPrimitives.WriteSingleLittleEndian(bytes, float.NaN));
        Assert.Equal($"{path}: tensor 'mean' holds values that are not finite", Assert.Throws<MoSarException>(() => FaceModel.Load(path)).Message);
    }

    [Fact]
    public void PositionsAreMeanPlusModesPlusExpressions()
    {
        var m = ShippedModel.Model;
        var alpha = new float[] { 1.5f, 0, -.5f };
        var delta = new float[m.ExpressionCount];
        delta[m.ExpressionIndex("jawOpen")] = .25f;
        var p = m.Positions(alpha, delta);
        var stride = 3 * m.Template.VertexCount;
        for (var v = 0; v < p.Length; v += 97)
        {
            Vector3 Mode(int k) => new(m.Identity.AsSpan((k * stride) + (3 * v), 3));
            var expected = m.Mean[v] + (1.5f * Mode(0)) - (.5f * Mode(2)) + (.25f * m.Template.Expressions[m.ExpressionIndex("jawOpen")].Offsets[v]);
            Assert.True(Vector3.Distance(expected, p[v]) < 1e-4f);
        }
    }

    [Fact]
    public void IdentityModesFallInVarianceAndAlbedoIsAColour()
    {
        var m = ShippedModel.Model;
        var stride = 3 * m.Template.VertexCount;
        var energy = Enumerable.Range(0, m.IdentityCount).Select(k => m.Identity.AsSpan(k * stride, stride).ToArray().Sum(x => (double)x * x)).ToArray();
        Assert.All(energy.Zip(energy.Skip(1)), pair => Assert.True(pair.First >= pair.Second * .999));
        Assert.All(m.AlbedoMean, x => Assert.InRange(x, 0, 1));
        Assert.True(m.AlbedoCount > 0);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(ReadOnlySpan<byte> bytes)
    {
        var path = Path.Combine(_folder, "face.safetensors");
        File.WriteAllBytes(path, bytes.ToArray());
        return path;
    }

    private string Rewrite(Func<string, string> change)
    {
        var bytes = File.ReadAllBytes(ShippedModel.Path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var header = Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(bytes, 8, length)));
        Assert.Equal(length, header.Length);
        header.CopyTo(bytes, 8);
        return Write(bytes);
    }

    private string Corrupt(string tensor, SpanChange change)
    {
        var bytes = File.ReadAllBytes(ShippedModel.Path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using var header = System.Text.Json.JsonDocument.Parse(bytes.AsMemory(8, length));
        var begin = header.RootElement.GetProperty(tensor).GetProperty("data_offsets")[0].GetInt32();
        change(bytes.AsSpan(8 + length + begin, 4));
        return Write(bytes);
    }

    private delegate void SpanChange(Span<byte> bytes);
}
