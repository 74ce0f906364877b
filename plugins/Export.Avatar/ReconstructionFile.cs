using System.Numerics;
using System.Text.Json;
using MoSar.Graphics;

namespace MoSar.Plugins.Export;

/// <summary>reconstruction.json: everything about the fit that is a number, in the input's own pixels and in millimetres.</summary>
internal static class ReconstructionFile
{
    public static void Write(string path, ExportInput input) => AtomicFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        Write(json, input);
    });

    private static void Write(Utf8JsonWriter json, ExportInput input)
    {
        var fit = input.Reconstruction;
        json.WriteStartObject();
        json.WriteString("schema", "mosar/reconstruction/1");
        json.WriteString("photograph", Path.GetFileName(input.Photograph.Path));
        json.WriteString("sha256", input.Photograph.Sha256);
        json.WriteString("template", fit.Mesh.Template.Id);
        json.WriteStartObject("image");
        json.WriteNumber("width", input.Photograph.Width);
        json.WriteNumber("height", input.Photograph.Height);
        json.WriteEndObject();
        WriteCrop(json, input.Face);
        WriteCamera(json, fit.Camera);
        json.WritePropertyName("light");
        json.WriteStartObject();
        json.WriteString("basis", "real orthonormal, index l*l+l+m, no Condon-Shortley sign, head space, linear Rec.709");
        json.WritePropertyName("coefficients");
        json.WriteStartArray();
        foreach (var c in fit.Light.Coefficients)
        {
            Numbers(json, [c.X, c.Y, c.Z]);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        Named(json, "identity", fit.Identity);
        json.WriteStartObject("expression");
        for (var i = 0; i < fit.Expression.Length; i++)
        {
            json.WriteNumber(fit.Mesh.Template.Expressions[i].Name, fit.Expression[i]);
        }

        json.WriteEndObject();
        Named(json, "albedo", fit.Albedo);
        Points(json, "landmarks68", input.Landmarks.Points);
        Named(json, "landmarkConfidence", input.Landmarks.Confidence);
        Points(json, "projectedLandmarks68", fit.ProjectedLandmarks);
        WriteMaps(json, input.Maps);
        json.WriteStartObject("timings");
        foreach (var (stage, seconds) in input.StageSeconds)
        {
            json.WriteNumber(stage, Math.Round(seconds, 4));
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteCrop(Utf8JsonWriter json, FaceDetection face)
    {
        json.WriteStartObject("crop");
        Named(json, "centre", [face.Crop.Centre.X, face.Crop.Centre.Y]);
        json.WriteNumber("size", face.Crop.Size);
        json.WriteNumber("roll", face.Crop.Roll);
        json.WriteNumber("confidence", face.Confidence);
        json.WriteEndObject();
    }

    private static void WriteCamera(Utf8JsonWriter json, PinholeCamera camera)
    {
        json.WriteStartObject("camera");
        json.WriteNumber("fx", camera.Fx);
        json.WriteNumber("fy", camera.Fy);
        json.WriteNumber("cx", camera.Cx);
        json.WriteNumber("cy", camera.Cy);
        json.WritePropertyName("rotation");
        json.WriteStartArray();
        for (var row = 0; row < 3; row++)
        {
            json.WriteStartArray();
            for (var column = 0; column < 3; column++)
            {
                json.WriteNumberValue(camera.Rotation[(row * 3) + column]);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        Named(json, "translation", [camera.Translation.X, camera.Translation.Y, camera.Translation.Z]);
        json.WriteEndObject();
    }

    private static void WriteMaps(Utf8JsonWriter json, MapSet maps)
    {
        json.WriteStartObject("maps");
        foreach (var map in maps.All.Values)
        {
            var d = map.Descriptor;
            json.WriteStartObject(d.Name);
            json.WriteString("file", $"maps/{d.Name}{ImageFile.Extension(d.Encoding)}");
            json.WriteNumber("size", map.Pixels.Width);
            json.WriteNumber("minimum", d.Minimum);
            json.WriteNumber("maximum", d.Maximum);
            json.WriteString("encoding", d.Encoding.ToString());
            json.WriteString("units", d.Units);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Points(Utf8JsonWriter json, string name, IReadOnlyList<Vector2> points)
    {
        json.WritePropertyName(name);
        json.WriteStartArray();
        foreach (var p in points)
        {
            Numbers(json, [p.X, p.Y]);
        }

        json.WriteEndArray();
    }

    private static void Named(Utf8JsonWriter json, string name, IReadOnlyList<float> values)
    {
        json.WritePropertyName(name);
        Numbers(json, values);
    }

    private static void Numbers(Utf8JsonWriter json, IReadOnlyList<float> values)
    {
        json.WriteStartArray();
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
