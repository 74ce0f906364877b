namespace MoSar.Faces.Tests;

/// <summary>The model that the repository ships, read once.</summary>
internal static class ShippedModel
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "face.safetensors");

    public static FaceModel Model { get; } = FaceModel.Load(Path);
}
