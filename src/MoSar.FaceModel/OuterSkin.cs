using System.Numerics;

namespace MoSar.Faces;

/// <summary>The skin that is seen from outside and that nothing of the template touches: where two triangles that cross, or one that looks inwards, are a fault.</summary>
public static class OuterSkin
{
    // Around the inner corners of the eyes, where the source's lids run through each other, mm.
    private const float Caruncle = 6;

    /// <summary>[V]; false at inner lips, which rest on each other, behind the lids, at eyes and mouth, and within 6 mm of the eyes' inner corners.</summary>
    public static bool[] Of(FaceModel model)
    {
        var template = model.Template;
        var (skin, inner) = (template.Regions["skin"], template.Regions["inner_lips"]);
        var corners = ((int[])[39, 42]).Select(k => template.Landmarks[k]).Select(l => model.Mean[template.Triangles[l.Triangle * 3]]).ToArray();
        return [.. model.Mean.Select((p, v) => skin[v] > 0.99f && inner[v] < 0.01f && corners.All(c => Vector3.Distance(c, p) > Caruncle))];
    }
}
