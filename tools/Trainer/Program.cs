#pragma warning disable
using System.Diagnostics;
using System.IO.Compression;
using System.Buffers.Binary;
using MoSar.Faces;
using MoSar.Training.Synthetic;
using System.Numerics;

using MoSar.Training;
using MoSar.Training.Data;

if (args[0] is "landmarks" or "locator")
{
    var o = new TrainerOptions { Model = args[1], Portraits = args[2], Environments = args[3], Out = args[4], Cache = args[5], Cutouts = int.Parse(args[6]), Steps = int.Parse(args[7]), Batch = int.Parse(args[8]) };
    (args[0] is "landmarks" ? LandmarkTrainer.Train : (Action<TrainerOptions, Action<string>, CancellationToken>)LocatorTrainer.Train)(o, line => Console.WriteLine($"{DateTime.Now:HH:mm:ss} {line}"), default);
    return;
}

var model = FaceModel.Load(args[0]);
var clock = Stopwatch.StartNew();
var atlas = new SkinAtlas(model);
Console.WriteLine($"atlas {clock.Elapsed.TotalSeconds:f2} s, V {model.Mean.Length} T {model.Template.Triangles.Length / 3} regions {string.Join(",", model.Template.Regions.Keys)}");
clock.Restart();
var portraits = TrainingPortrait.LoadAll(model, "/work/shared/data/portraits");
Console.WriteLine($"fit {portraits.Count} in {clock.Elapsed.TotalSeconds:f1} s; residual {portraits.Average(p => Enumerable.Range(17, 51).Where(i => p.HandPlaced[i]).Average(i => (p.Points[i] - p.Projected[i]).Length()) / (p.Points[36] - p.Points[45]).Length()) * 100:f2} %");
clock.Restart();
var offs = TrainingMaterial.DefinitionOffsets(portraits);
Console.WriteLine(string.Join(" ", offs.Select((o, i) => $"{i}:{o.X * 128:f2},{o.Y * 128:f2}")));
var skins = ProjectedSkin.All(atlas, portraits).ToList();
Png("/work/train/skins.png", skins.Where((_, i) => i % 15 == 0).SelectMany(s => s.Rgb).ToArray(), 256, 256 * skins.Where((_, i) => i % 15 == 0).Count());
clock.Restart();
Console.WriteLine($"skin {clock.Elapsed.TotalSeconds / 6:f2} s");
var renderer = new SyntheticRenderer(model, atlas, skins, new Vector2[68]);
int cols = 8, rows = 5;
int S = Cutout.Side;
var sheet = new byte[cols * S * rows * S * 3];
clock.Restart();
var first = args.Length > 2 ? int.Parse(args[2]) : 0;
for (var k = 0; k < cols * rows; k++)
{
    var c = renderer.Render(first + k);
    int ox = (k % cols) * S, oy = (k / cols) * S;
    for (var y = 0; y < S; y++)
        for (var x = 0; x < S; x++)
        {
            var a = c.Rgba[(y * S + x) * 4 + 3] / 255f;
            for (var ch = 0; ch < 3; ch++)
                sheet[((oy + y) * cols * S + ox + x) * 3 + ch] = (byte)(a * c.Rgba[(y * S + x) * 4 + ch] + (1 - a) * 90);
        }
    if (args.Length > 3)
        foreach (var p in c.Points)
        {
            int x = (int)p.X, y = (int)p.Y;
            if (x >= 0 && y >= 0 && x < S && y < S)
            {
                var o = ((oy + y) * cols * S + ox + x) * 3;
                sheet[o] = 0; sheet[o + 1] = 255; sheet[o + 2] = 0;
            }
        }
}
Console.WriteLine($"{clock.Elapsed.TotalMilliseconds / (cols * rows):f1} ms a render");
Png(args[1], sheet, cols * S, rows * S);

static void Png(string path, byte[] rgb, int w, int h)
{
    using var f = File.Create(path);
    f.Write([137, 80, 78, 71, 13, 10, 26, 10]);
    void Chunk(string type, byte[] data)
    {
        Span<byte> b = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(b, data.Length); f.Write(b);
        var all = System.Text.Encoding.ASCII.GetBytes(type).Concat(data).ToArray();
        f.Write(all);
        uint crc = 0xFFFFFFFF;
        foreach (var x in all) { crc ^= x; for (var k = 0; k < 8; k++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1; }
        BinaryPrimitives.WriteUInt32BigEndian(b, ~crc); f.Write(b);
    }
    var head = new byte[13];
    BinaryPrimitives.WriteInt32BigEndian(head, w); BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), h); head[8] = 8; head[9] = 2;
    Chunk("IHDR", head);
    using var m = new MemoryStream();
    using (var z = new ZLibStream(m, CompressionLevel.Fastest, true))
        for (var y = 0; y < h; y++) { z.WriteByte(0); z.Write(rgb, y * w * 3, w * 3); }
    Chunk("IDAT", m.ToArray());
    Chunk("IEND", []);
}
