using MoSar.StageSheets;

// Contact sheets for looking at the virtual light stage. From the repository's root, after `dotnet build tests/tools/StageSheets`:
//   … avatar AVATAR_FOLDER OUT.png SIZE ENVIRONMENT…   a finished avatar's maps under environments, from three sides
return args switch
{
    ["avatar", var folder, var file, var size, .. var environments] => AvatarSheet.Make(folder, file, int.Parse(size, System.Globalization.CultureInfo.InvariantCulture), environments),
    ["shapes", var file, var first] => ShapeSheet.Make(file, int.Parse(first, System.Globalization.CultureInfo.InvariantCulture)),
    ["statistics", var count] => ShapeSheet.Statistics(int.Parse(count, System.Globalization.CultureInfo.InvariantCulture)),
    _ => 2,
};
