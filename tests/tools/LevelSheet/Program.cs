using MoSar.LevelSheet;

// Looks at a model file's parts and levels. From the repository's root: dotnet run --project tests/tools/LevelSheet -- MODEL OUT.png
return args is [var model, var file] ? LevelPicture.Make(model, file) : 2;
