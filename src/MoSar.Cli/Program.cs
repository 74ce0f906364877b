using MoSar.Cli;

return Application.Run(args, Terminal.OfProcess(), Directory.GetCurrentDirectory());
