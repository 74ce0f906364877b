using MoSar.GraphTrial;

// Trials of the graph network on the light stage's neutral shapes. From the repository's root, after `dotnet build tests/tools/GraphTrial`:
//   … shapes FILE SEED COUNT      draws people and keeps them (float32 offsets from the mean head)
//   … levels MODEL OUT.png        parts and levels of a model file, in pictures and figures
//   … train TRAIN HELDOUT OUT STEPS [BATCH LATENTS,…]   trains a PartGnn on kept shapes beside PCA; goes on from OUT/checkpoint.safetensors
const string Model = "samples/models/face.safetensors";
return args switch
{
    ["shapes", var file, var seed, var count] => ShapeCache.Make(Model, file, Number(seed), Number(count)),
    ["train", var train, var held, var folder, var steps, .. var rest] => ShapeTraining.Run(
        Model, train, held, folder, Number(steps), rest.Length > 0 ? Number(rest[0]) : 64, rest.Length > 1 ? [.. rest[1].Split(',').Select(Number)] : null),
    ["levels", var model, var file] => LevelPicture.Make(model, file),
    _ => 2,
};

static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
