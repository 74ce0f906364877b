using MoSar.GraphTrial;

// Trials of the graph network on the light stage's neutral shapes. From the repository's root, after `dotnet build tests/tools/GraphTrial`:
//   … shapes FILE SEED COUNT      draws people and keeps them (float32 offsets from the mean head)
//   … levels MODEL OUT.png        parts and levels of a model file, in pictures and figures
const string Model = "samples/models/face.safetensors";
return args switch
{
    ["shapes", var file, var seed, var count] => ShapeCache.Make(Model, file, Number(seed), Number(count)),
    ["levels", var model, var file] => LevelPicture.Make(model, file),
    _ => 2,
};

static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
