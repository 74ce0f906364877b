using MoSar;
using MoSar.Graphics;
using MoSar.Samples.Portrait;

// Makes the pictures in samples/ that the project computes itself. From the repository's root:
//   dotnet run --project samples/generator -- environments samples/environments
//   dotnet run --project samples/generator -- portrait samples/models/face.safetensors samples/portraits/demo.png
try
{
    switch (args)
    {
        case ["environments", var folder]:
            Directory.CreateDirectory(folder);
            foreach (var name in ProceduralEnvironments.Names)
            {
                ImageFile.WriteHdr(Path.Combine(folder, name + ".hdr"), ProceduralEnvironments.Make(name).Pixels);
            }

            return 0;
        case ["portrait", var model, var file, .. var rest]:
            var scale = rest is [var number] ? float.Parse(number, System.Globalization.CultureInfo.InvariantCulture) : 1f;
            ImageFile.WritePng(file, DemoPortrait.Render(model, scale));
            return 0;
        default:
            Console.Error.WriteLine("usage: environments FOLDER | portrait FACE_MODEL PNG [SCALE]");
            return 2;
    }
}
catch (MoSarException e)
{
    Console.Error.WriteLine($"{e.Message} {e.Remedy}");
    return 1;
}
