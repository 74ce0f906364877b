using System.CommandLine;
using System.Text.Json.Nodes;
using MoSar.Host.Doctor;
using MoSar.Host.Runs;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar doctor</c>: is everything there?</summary>
internal static class DoctorCommand
{
    public static Command Create(Session session)
    {
        var command = new Command(
            "doctor",
            """
            Checks LibTorch and its BLAS, OpenImageIO, Embree, OpenCV, compilers, plugins and weights by using them. Each is ok or comes
            with the fix. Ends with 1 when something is missing.

            Example:
              mosar doctor
            """)
        {
            session.Plugins, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            var found = new List<Requirement>();
            foreach (var requirement in Examination.Run(session.PluginFolders(parsed)))
            {
                found.Add(requirement);
                if (!parsed.GetValue(session.Json))
                {
                    session.Terminal.Out.WriteLine($"{(requirement.IsOk ? "ok     " : "missing")} {requirement.Name}: {requirement.Detail}");
                    if (!requirement.IsOk && requirement.Fix is { Length: > 0 })
                    {
                        session.Terminal.Out.WriteLine($"          = {requirement.Fix}");
                    }
                }
            }

            if (parsed.GetValue(session.Json))
            {
                session.WriteJson(new JsonArray([.. found.Select(r => new JsonObject { ["name"] = r.Name, ["ok"] = r.IsOk, ["detail"] = r.Detail, ["fix"] = r.IsOk ? null : r.Fix })]));
            }

            return found.All(r => r.IsOk) ? ExitCodes.Ok : ExitCodes.SomeFailed;
        }));
        return command;
    }
}
