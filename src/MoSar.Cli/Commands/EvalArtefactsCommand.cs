using System.CommandLine;
using System.Numerics;
using System.Text.Json.Nodes;
using MoSar.Faces;
using MoSar.Faces.Evaluation;
using MoSar.Graphics;
using MoSar.Host;
using MoSar.Host.Runs;
using MoSar.Learning;
using Spectre.Console;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar eval artefacts</c>: faults of finished heads' surfaces, counted, and drawn under grazing light.</summary>
internal static class EvalArtefactsCommand
{
    private const int Side = 400;
    private const int Columns = 6;

    public static Command Create(Session session)
    {
        var runs = new Argument<string[]>("RUN") { Description = "Folders that `mosar run --out` wrote, an avatar of one, folders of meshes, or meshes (OBJ) of the template.", Arity = ArgumentArity.OneOrMore };
        var sheet = new Option<string?>("--sheet") { Description = "Also draw some heads from the front under grazing light, warm from the left and cool from the right.", HelpName = "PNG" };
        var count = new Option<int>("--count") { Description = "How many heads the sheet shows, evenly spread.", HelpName = "N", DefaultValueFactory = _ => 30 };
        count.Between(1, 1000);
        var each = new Option<bool>("--each") { Description = "List every head, not only those with faults." };
        var model = new Option<string?>("--model") { Description = "The face model; default: samples/models/face.safetensors of this program.", HelpName = "FILE" };
        var command = new Command(
            "artefacts",
            """
            Counts triangles of the outer skin that look the wrong way (turned by more than 90° against the mean head's) or have no area, and pairs of them
            that cross. Triangles are looked at with the head at rest where the run says which expression it has, crossings with it. Pairs inside, between
            lips, lids and teeth, are counted apart: the mean head has some. docs/evaluation.md says more. Ends with 0 whatever it finds.

            Examples:
              mosar eval artefacts out/all --sheet grazing.png
              mosar eval artefacts out/demo/demo
            """)
        {
            runs, sheet, count, each, model, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            using var signals = new Signals();
            try
            {
                var face = FaceModel.Load(session.Resolve(parsed.GetValue(model) ?? Path.Combine(Installation.Root, "samples", "models", "face.safetensors")));
                Found[] heads = [.. parsed.GetValue(runs)!.SelectMany(r => Heads(session.Resolve(r)))];
                var rows = Measure(face, heads, signals.Token);
                var drawn = parsed.GetValue(sheet) is { } to ? Draw(face, rows, parsed.GetValue(count), session.ResolveOutput(to), signals.Token) : null;
                if (parsed.GetValue(session.Json))
                {
                    session.WriteJson(ToJson(rows, drawn));
                }
                else
                {
                    Show(session, face, rows, parsed.GetValue(each), drawn);
                }

                return ExitCodes.Ok;
            }
            catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
            {
                return ExitCodes.Interrupted;
            }
        }));
        return command;
    }

    private static IEnumerable<Found> Heads(string path)
    {
        if (File.Exists(path))
        {
            return [new Found(Path.GetFileNameWithoutExtension(path), path)];
        }

        string[] folders = Directory.Exists(path) ? [path, .. Directory.GetDirectories(path).Order(StringComparer.Ordinal)] : [];
        Found[] found =
        [
            .. folders.Select(d => new Found(Path.GetFileName(d), Path.Combine(d, "mesh.obj"))).Where(f => File.Exists(f.File)),
            .. folders.Take(1).SelectMany(d => Directory.GetFiles(d, "*.obj")).Where(f => Path.GetFileName(f) != "mesh.obj").Order(StringComparer.Ordinal).Select(f => new Found(Path.GetFileNameWithoutExtension(f), f)),
        ];
        return found.Length > 0 ? found : throw new MoSarException(
            "artefacts-none", $"There is no head in '{path}'.", "Name a folder that `mosar run --out` wrote, one of its avatars, a folder of OBJ files or one such file.");
    }

    private static Row[] Measure(FaceModel face, Found[] heads, CancellationToken cancellation)
    {
        var (artefacts, topology) = (new HeadArtefacts(face), new RealyHeads(face).Topology);
        var rows = new Row[heads.Length];
        try
        {
            Parallel.For(0, heads.Length, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
            {
                var posed = RealyTopologyFile.ReadPrediction(heads[i].File, topology);
                var seen = artefacts.Count(posed);
                rows[i] = new Row(heads[i].Name, posed, AtRest(face, heads[i].File, posed) is { } rest ? artefacts.Count(rest) with { Crossing = seen.Crossing, Inside = seen.Inside } : seen);
            });
        }
        catch (AggregateException e) when (e.Flatten().InnerExceptions.OfType<MoSarException>().FirstOrDefault() is { } first)
        {
            throw first;
        }

        return rows;
    }

    /// <returns>The head without the expression that the run says it has; null when it says none.</returns>
    private static Vector3[]? AtRest(FaceModel face, string mesh, Vector3[] posed)
    {
        var beside = Path.Combine(Path.GetDirectoryName(mesh)!, SavedReconstruction.FileName);
        if (Path.GetFileName(mesh) != "mesh.obj" || !File.Exists(beside))
        {
            return null;
        }

        var expression = SavedReconstruction.Load(beside).Expression;
        return face.Expressed(posed, [.. face.Template.Expressions.Select(e => -expression.GetValueOrDefault(e.Name))]);
    }

    private static Drawn Draw(FaceModel face, Row[] rows, int count, string file, CancellationToken cancellation)
    {
        Row[] chosen = [.. Enumerable.Range(0, Math.Min(count, rows.Length)).Select(k => rows[(int)((long)k * rows.Length / Math.Min(count, rows.Length))])];
        ImageFile.WritePng(file, GrazingSheet.Draw([.. chosen.Select(r => new Mesh(face.Template, r.Posed))], Side, Columns, cancellation));
        return new Drawn(file, [.. chosen.Select(r => r.Name)]);
    }

    private static void Show(Session session, FaceModel face, Row[] rows, bool each, Drawn? drawn)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumns("head", "flipped", "flat", "crossing pairs", "pairs inside");
        foreach (var row in rows.Where(r => each || r.Counts.Seen > 0))
        {
            Add(Markup.Escape(row.Name), row.Counts);
        }

        Add("the mean head, for comparison", new HeadArtefacts(face).Count(face.Mean));
        Add($"all {rows.Length} heads", new ArtefactCounts(rows.Sum(r => r.Counts.Flipped), rows.Sum(r => r.Counts.Flat), rows.Sum(r => r.Counts.Crossing), rows.Sum(r => r.Counts.Inside)));
        session.Terminal.Rich().Write(table);
        session.Terminal.Out.WriteLine($"{rows.Count(r => r.Counts.Seen > 0)} of {rows.Length} heads have a fault of the outer skin");
        if (drawn is not null)
        {
            session.Terminal.Out.WriteLine($"{drawn.File}, row by row: {string.Join(" ", drawn.Names)}");
        }

        void Add(string name, ArtefactCounts c) => table.AddRow(name, $"{c.Flipped}", $"{c.Flat}", $"{c.Crossing}", $"{c.Inside}");
    }

    private static JsonObject ToJson(Row[] rows, Drawn? drawn) => new()
    {
        ["heads"] = new JsonArray([.. rows.Select(r => new JsonObject
        {
            ["name"] = r.Name, ["flipped"] = r.Counts.Flipped, ["flat"] = r.Counts.Flat, ["crossing"] = r.Counts.Crossing, ["inside"] = r.Counts.Inside,
        })]),
        ["with_faults"] = rows.Count(r => r.Counts.Seen > 0),
        ["sheet"] = drawn is null ? null : new JsonObject { ["file"] = drawn.File, ["heads"] = new JsonArray([.. drawn.Names.Select(n => JsonValue.Create(n))]) },
    };

    private sealed record Found(string Name, string File);

    private sealed record Row(string Name, Vector3[] Posed, ArtefactCounts Counts);

    private sealed record Drawn(string File, IReadOnlyList<string> Names);
}
