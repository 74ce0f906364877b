using MoSar.StageSheets;

// Contact sheets for looking at the virtual light stage. From the repository's root, after `dotnet build tests/tools/StageSheets`:
//   … avatar AVATAR_FOLDER OUT.png SIZE ENVIRONMENT…   a finished avatar's maps under environments, from three sides
//   … shapes OUT.png FIRST                              24 shapes in matt grey
//   … statistics COUNT                                  how far shapes leave the linear basis
//   … benchmark [RESOLUTION VIEWS]                      as `tests/Benchmarks stage`, without LibTorch; or only whole subjects
//   … cycles FOLDER ENVIRONMENT…                       occlusion, diffuse light and shadows beside Blender's Cycles and a brute-force integral
//   … sheet STAGE OUT.png SIZE                          the people of a light stage, a column a person, a row an environment
return args switch
{
    ["avatar", var folder, var file, var size, .. var environments] => AvatarSheet.Make(folder, file, Number(size), environments),
    ["shapes", var file, var first] => ShapeSheet.Make(file, Number(first)),
    ["statistics", var count] => ShapeSheet.Statistics(Number(count)),
    ["sheet", var stage, var file, var size] => SubjectSheet.Make(stage, file, Number(size)),
    ["benchmark", var resolution, var views] => MoSar.Benchmarks.LightStageBenchmarks.Folder(Number(resolution), Number(views)),
    ["benchmark"] => MoSar.Benchmarks.LightStageBenchmarks.Print(),
    ["cycles", var folder, .. var environments] => CyclesCheck.Run(folder, environments),
    _ => 2,
};

static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
