using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using MoSar.Faces;
using MoSar.Faces.Evaluation;
using MoSar.Host;
using MoSar.Host.Runs;
using Spectre.Console;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar eval realy</c>: shapes against true shapes, region by region.</summary>
internal static class EvalRealyCommand
{
    public static Command Create(Session session)
    {
        var predictions = new Argument<string>("PREDICTIONS") { Description = "A folder of meshes named after their subjects: ID.obj, ID_VIEW.obj or a folder of either name with mesh.obj; or one mesh." };
        var truth = new Option<string>("--truth") { Description = "The true shapes: the REALY benchmark, a light stage folder, or one head of the template's topology.", Required = true, HelpName = "DIR|OBJ" };
        var template = new Option<string?>("--template") { Description = "The predictions' template; default: this program's own.", HelpName = "OBJ" };
        var keypoints = new Option<string?>("--keypoints") { Description = "The template's 85 keypoints, REALY's list of [triangle, weight, weight].", HelpName = "TXT" };
        var millimetres = new Option<bool>("--millimetres") { Description = "The predictions claim to be millimetres: measure their scale. Always so with this program's own template." };
        var meanFace = new Option<bool>("--mean-face") { Description = "Measure the mean face against every subject, too." };
        var each = new Option<bool>("--each") { Description = "List every prediction." };
        var model = new Option<string?>("--model") { Description = "The face model; default: samples/models/face.safetensors of this program.", HelpName = "FILE" };
        var command = new Command(
            "realy",
            """
            The REALY protocol: mean distance from the true nose, mouth, forehead and cheeks to a predicted shape, each region aligned by itself, mm.
            Beside it the distance after one rigid alignment of all four, and the error of scale. docs/realy.md says what is measured.

            Examples:
              mosar eval realy out/meshes --truth REALY/data --template REALY/data/HIFI3D.obj --keypoints REALY/data/HIFI3D.txt
              mosar eval realy out/meshes --truth stage --mean-face
              mosar eval realy out/demo/mesh.obj --truth stage/subjects/s00000/mesh.obj
            """)
        {
            predictions, truth, template, keypoints, millimetres, meanFace, each, model, session.Json,
        };
        command.Validators.Add(parsed =>
        {
            if ((parsed.GetResult(template) is null) != (parsed.GetResult(keypoints) is null))
            {
                parsed.AddError("--template and --keypoints belong together: the keypoints are places on its triangles.");
            }
        });
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            using var signals = new Signals();
            try
            {
                var face = FaceModel.Load(session.Resolve(parsed.GetValue(model) ?? Path.Combine(Installation.Root, "samples", "models", "face.safetensors")));
                var heads = new RealyHeads(face);
                var topology = parsed.GetValue(template) is { } obj ? RealyTopologyFile.Read(session.Resolve(obj), session.Resolve(parsed.GetValue(keypoints)!)) : heads.Topology;
                var truths = RealyTruths.Open(session.Resolve(parsed.GetValue(truth)!), heads);
                var pairs = truths.Pair(session.Resolve(parsed.GetValue(predictions)!));
                var isMillimetres = parsed.GetValue(millimetres) || ReferenceEquals(topology, heads.Topology);
                var methods = new List<Method> { new("prediction", Measure(pairs, truths, topology, p => RealyTopologyFile.ReadPrediction(p, topology), isMillimetres, signals.Token)) };
                if (parsed.GetValue(meanFace))
                {
                    methods.Add(new Method("mean face", Measure([.. pairs.DistinctBy(p => p.Subject)], truths, heads.Topology, _ => face.Mean, true, signals.Token)));
                }

                if (parsed.GetValue(session.Json))
                {
                    session.WriteJson(ToJson(methods));
                }
                else
                {
                    Write(session, methods, parsed.GetValue(each));
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

    private static RealyErrors[] Measure(
        IReadOnlyList<RealyPair> pairs, RealyTruths truths, RealyTopology topology, Func<string, System.Numerics.Vector3[]> read, bool isMillimetres, CancellationToken cancellation)
    {
        var result = new RealyErrors[pairs.Count];
        try
        {
            Parallel.For(0, pairs.Count, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
                result[i] = RealyProtocol.Measure(truths.Load(pairs[i].Subject), topology, read(pairs[i].Prediction), isMillimetres, cancellation) with { Subject = pairs[i].Name });
        }
        catch (AggregateException e) when (e.Flatten().InnerExceptions.OfType<MoSarException>().FirstOrDefault() is { } first)
        {
            throw first;
        }

        return result;
    }

    private static void Write(Session session, List<Method> methods, bool each)
    {
        foreach (var method in methods)
        {
            session.Terminal.Out.WriteLine($"{method.Name}, {method.Errors.Length} shape{(method.Errors.Length == 1 ? string.Empty : "s")}");
            var table = new Table { Border = TableBorder.Simple }.AddColumns("region", "mean mm", "median", "deviation", "one rigid alignment, mm");
            foreach (var (name, of) in Columns)
            {
                var s = Spread.Of(method.Errors.Select(e => of(e.Protocol)));
                table.AddRow(name, Three(s.Mean), Three(s.Median), Three(s.Deviation), Three(Spread.Of(method.Errors.Select(e => of(e.OneRigid))).Mean));
            }

            session.Terminal.Rich().Write(table);
            if (method.Errors.All(e => e.ScaleError is not null))
            {
                var s = Spread.Of(method.Errors.Select(e => e.ScaleError!.Value));
                session.Terminal.Out.WriteLine($"scale error: {Three(s.Mean)} % on average, median {Three(s.Median)}, deviation {Three(s.Deviation)}");
            }

            if (each)
            {
                var list = new Table { Border = TableBorder.Simple }.AddColumns(["shape", .. Columns.Select(c => c.Name), "rigid", "scale %"]);
                foreach (var e in method.Errors)
                {
                    list.AddRow([e.Subject, .. Columns.Select(c => Three(c.Of(e.Protocol))), Three(e.OneRigid.All), e.ScaleError is { } s ? Three(s) : "-"]);
                }

                session.Terminal.Rich().Write(list);
            }
        }
    }

    private static (string Name, Func<RegionErrors, double> Of)[] Columns { get; } =
        [.. Enum.GetValues<RealyRegion>().Select(r => (r.ToString().ToLowerInvariant(), (Func<RegionErrors, double>)(e => e[r]))), ("all", e => e.All)];

    private static JsonArray ToJson(List<Method> methods) => [.. methods.Select(m => new JsonObject
    {
        ["method"] = m.Name,
        ["summary"] = new JsonObject(Columns.Select(c => KeyValuePair.Create<string, JsonNode?>(c.Name, SpreadJson(
            Spread.Of(m.Errors.Select(e => c.Of(e.Protocol))), ("one_rigid", Spread.Of(m.Errors.Select(e => c.Of(e.OneRigid))).Mean))))),
        ["scale_error_percent"] = m.Errors.All(e => e.ScaleError is not null) ? SpreadJson(Spread.Of(m.Errors.Select(e => e.ScaleError!.Value))) : null,
        ["shapes"] = new JsonArray([.. m.Errors.Select(e => new JsonObject
        {
            ["shape"] = e.Subject,
            ["protocol"] = RegionsJson(e.Protocol),
            ["one_rigid"] = RegionsJson(e.OneRigid),
            ["scale"] = e.Scale,
        })]),
    })];

    private static JsonObject RegionsJson(RegionErrors errors) => new(Columns.Select(c => KeyValuePair.Create<string, JsonNode?>(c.Name, c.Of(errors))));

    private static JsonObject SpreadJson(Spread s, params (string Name, double Value)[] more)
    {
        var json = new JsonObject { ["mean"] = s.Mean, ["median"] = s.Median, ["deviation"] = s.Deviation };
        foreach (var (name, value) in more)
        {
            json[name] = value;
        }

        return json;
    }

    private static string Three(double value) => value.ToString("F3", CultureInfo.InvariantCulture);

    private sealed record Method(string Name, RealyErrors[] Errors);
}
