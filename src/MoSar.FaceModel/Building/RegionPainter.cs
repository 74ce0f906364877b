using System.Numerics;
using MoSar.Faces.Source;

namespace MoSar.Faces.Building;

/// <summary>
/// Paints the named soft regions onto a template by distances to polygons that hang on the 68 landmarks of the mean head, seen from the
/// front (x, y) or unrolled around the head's axis. All widths are millimetres.
/// </summary>
internal sealed class RegionPainter
{
    private readonly Vector3[] _positions;
    private readonly Vector3[] _normals;
    private readonly HeadPart[] _parts;
    private readonly int[] _mirror;
    private readonly Vector3[] _landmarks;
    private readonly Dictionary<string, float[]> _regions = [];

    /// <summary>Distance from brows to chin: the measure that the hairline hangs on.</summary>
    private readonly float _faceHeight;
    private readonly float _browY;

    private RegionPainter(Vector3[] positions, Vector3[] normals, HeadPart[] parts, int[] mirror, Vector3[] landmarks)
    {
        (_positions, _normals, _parts, _mirror, _landmarks) = (positions, normals, parts, mirror, landmarks);
        _browY = (landmarks[19].Y + landmarks[24].Y) / 2;
        _faceHeight = _browY - landmarks[8].Y;
    }

    /// <param name="landmarks">68 positions on the mean head.</param>
    /// <param name="ears">Ear weights when the template knows them, else null and they are guessed by place.</param>
    public static Dictionary<string, float[]> Paint(
        Vector3[] positions, Vector3[] normals, HeadPart[] parts, int[] mirror, Vector3[] landmarks, float[]? ears)
    {
        var painter = new RegionPainter(positions, normals, parts, mirror, landmarks);
        painter.Parts();
        painter.Head(ears);
        painter.Mouth();
        painter.Eyes();
        painter.Middle();
        painter.Stubble();
        return painter._regions;
    }

    private void Parts()
    {
        Paint("skin", i => _parts[i] == HeadPart.Skin ? 1 : 0);
        Paint("eyeballs", i => _parts[i] is HeadPart.EyeballLeft or HeadPart.EyeballRight ? 1 : 0);
        Paint("mouth_socket", i => _parts[i] == HeadPart.MouthSocket ? 1 : 0);
        Paint("eye_sockets", i => _parts[i] == HeadPart.EyeSocket ? 1 : 0);
        Paint("teeth", i => _parts[i] == HeadPart.Teeth ? 1 : 0);
        Paint("gums", i => _parts[i] == HeadPart.Gums ? 1 : 0);
    }

    private void Head(float[]? ears)
    {
        // The ear stands behind jaw points 0–2 and outside them.
        var root = _landmarks[15];
        var size = _faceHeight / 138;
        Paint("ears", i => ears is not null ? ears[i] : Skin(i) * Rise(Math.Abs(P(i).X), root.X - (7 * size), 4)
            * Fall(P(i).Z, root.Z - (20 * size), 4) * Rise(P(i).Z, root.Z - (62 * size), 6)
            * Rise(P(i).Y, root.Y - (42 * size), 4) * Fall(P(i).Y, root.Y + (28 * size), 4));
        var outline = FaceOutline();
        Paint("face", i =>
        {
            // The outline stops at the front of the jaw; the side of the jaw up to the ear belongs to the face too.
            var side = Rise(P(i).Z, root.Z - (16 * size), 8) * Fall(P(i).Y, _browY - (6 * size), 12) * Rise(P(i).Y, JawLine(P(i)), 6);
            return Skin(i) * Math.Max(side, Inside(Unroll(P(i)), outline, 8, grow: 11)) * (1 - _regions["ears"][i]);
        });
        Paint("neck", i => Skin(i) * Fall(P(i).Y, JawLine(P(i)) - 4, 8) * (1 - _regions["face"][i]) * (1 - _regions["ears"][i]));
        Paint("scalp", i => Skin(i) * Math.Max(0, 1 - _regions["face"][i] - _regions["neck"][i] - _regions["ears"][i]));
        Paint("forehead", i => _regions["face"][i] * Rise(P(i).Y, _browY + 7, 6));
    }

    private void Mouth()
    {
        var outer = Frontal(48, 60);
        Paint("lips", i => Skin(i) * Inside(Flat(i), outer, 2.5f) * Rise(P(i).Z, _landmarks[48].Z - 12, 4));
        Paint("inner_lips", i => _regions["lips"][i] * Fall(_normals[i].Z, 0.0f, 0.3f));
        var chin = new Vector2(0, (_landmarks[57].Y + _landmarks[8].Y) / 2);
        Paint("chin", i => _regions["face"][i] * Fall(Vector2.Distance(Flat(i) * new Vector2(0.75f, 1), chin), _faceHeight * 0.13f, 8) * (1 - _regions["lips"][i]));
    }

    private void Eyes()
    {
        Vector2[][] eyes = [Frontal(36, 42), Frontal(42, 48)];
        Paint("eyelids", i => Skin(i) * Rise(P(i).Z, _landmarks[36].Z - 18, 6) * eyes.Max(e => Inside(Flat(i), e, 4, grow: 6.5f)));
        Paint("brows", i => _regions["face"][i] * Math.Max(Brow(17, i), Brow(22, i)));
    }

    private void Middle()
    {
        var wing = Math.Abs(_landmarks[35].X) * 1.6f;
        float top = _landmarks[27].Y, bottom = _landmarks[33].Y;
        Vector2[] nose = [new(-7, top), new(7, top), new(11, top - ((top - bottom) * .45f)), new(wing, bottom + 9), new(wing, bottom), new(8, bottom - 3.5f),
            new(-8, bottom - 3.5f), new(-wing, bottom), new(-wing, bottom + 9), new(-11, top - ((top - bottom) * .45f))];
        Paint("nose", i => Skin(i) * Inside(Flat(i), nose, 3) * Rise(P(i).Z, _landmarks[36].Z, 6));
        var cheek = new Vector2(_landmarks[45].X, (_landmarks[30].Y * .75f) + (_landmarks[54].Y * .25f));
        Paint("cheeks", i => _regions["face"][i] * Fall(Vector2.Distance(new Vector2(Math.Abs(P(i).X), P(i).Y), cheek), _faceHeight * 0.17f, 16));
    }

    private void Stubble()
    {
        // Sideburn to cheek to moustache, and the first centimetres below the jaw.
        var from = new Vector2(_landmarks[15].X, _landmarks[14].Y);
        var to = new Vector2(_landmarks[54].X, (_landmarks[33].Y + _landmarks[54].Y) / 2);
        Paint("stubble", i =>
        {
            var x = Math.Abs(P(i).X);
            var t = Math.Clamp((x - to.X) / (from.X - to.X), 0, 1);
            var line = x < to.X ? _landmarks[33].Y - 2 : to.Y + (t * (from.Y - to.Y));
            var below = Rise(P(i).Y, _landmarks[8].Y - 35, 20) * Rise(P(i).Z, _landmarks[4].Z - 30, 16);
            var beard = (_regions["face"][i] + (_regions["neck"][i] * below)) * Fall(P(i).Y, line, 8);
            return Math.Clamp(beard, 0, 1) * (1 - _regions["lips"][i]) * (1 - _regions["nose"][i]);
        });
    }

    /// <summary>Height of the jaw's underside: from below the chin back to below the ears, then level.</summary>
    private float JawLine(Vector3 p)
    {
        var (chin, angle) = (_landmarks[8], _landmarks[3]);
        var t = Math.Clamp((chin.Z - p.Z) / (chin.Z - angle.Z + 30), 0, 1);
        return chin.Y + (t * (angle.Y - chin.Y));
    }

    private float Brow(int first, int vertex)
    {
        var best = float.MaxValue;
        for (var k = first; k < first + 4; k++)
        {
            best = Math.Min(best, SegmentDistance(Flat(vertex), Flat(_landmarks[k]), Flat(_landmarks[k + 1])));
        }

        return Fall(best, 3.5f, 3);
    }

    private Vector2[] FaceOutline()
    {
        var outline = new List<Vector2>();
        for (var j = 0; j < 17; j++)
        {
            outline.Add(Unroll(_landmarks[j]));
        }

        // Hairline from the right temple's height over the forehead, as fractions of the jaw's widest angle and of the face's height.
        var side = Unroll(_landmarks[16]).X;
        (float Angle, float Height)[] hairline = [(.90f, .0f), (.74f, .15f), (.52f, .23f), (.28f, .27f), (0, .28f)];
        outline.AddRange(hairline.Select(h => new Vector2(side * h.Angle, _browY + (h.Height * _faceHeight))));
        outline.AddRange(hairline.Reverse().Skip(1).Select(h => new Vector2(-side * h.Angle, _browY + (h.Height * _faceHeight))));
        return [.. outline];
    }

    /// <summary>Around the head's vertical axis, as millimetres of arc at 80 mm radius.</summary>
    private Vector2 Unroll(Vector3 p) => new(MathF.Atan2(p.X, p.Z - (_landmarks[0].Z - 16)) * 80, p.Y);

    private Vector3 P(int i) => _positions[i];

    private Vector2 Flat(int i) => Flat(_positions[i]);

    private static Vector2 Flat(Vector3 p) => new(p.X, p.Y);

    private Vector2[] Frontal(int from, int to) => [.. _landmarks[from..to].Select(Flat)];

    private float Skin(int i) => _parts[i] == HeadPart.Skin ? 1 : 0;

    private void Paint(string name, Func<int, float> weight)
    {
        var raw = new float[_positions.Length];
        for (var i = 0; i < raw.Length; i++)
        {
            raw[i] = Math.Clamp(weight(i), 0, 1);
        }

        var region = new float[raw.Length];
        for (var i = 0; i < raw.Length; i++)
        {
            region[i] = (raw[i] + raw[_mirror[i]]) / 2;
        }

        _regions[name] = region;
    }

    /// <summary>0 below <paramref name="edge"/> − width/2, 1 above edge + width/2, smooth between.</summary>
    private static float Rise(float x, float edge, float width)
    {
        var t = Math.Clamp(((x - edge) / width) + .5f, 0, 1);
        return t * t * (3 - (2 * t));
    }

    private static float Fall(float x, float edge, float width) => 1 - Rise(x, edge, width);

    private static float Inside(Vector2 p, Vector2[] polygon, float width, float grow = 0)
    {
        var inside = false;
        var distance = float.MaxValue;
        for (int i = 0, j = polygon.Length - 1; i < polygon.Length; j = i++)
        {
            Vector2 a = polygon[j], b = polygon[i];
            if ((a.Y > p.Y) != (b.Y > p.Y) && p.X < ((b.X - a.X) * (p.Y - a.Y) / (b.Y - a.Y)) + a.X)
            {
                inside = !inside;
            }

            distance = Math.Min(distance, SegmentDistance(p, a, b));
        }

        return Fall(inside ? -distance : distance, grow, width);
    }

    private static float SegmentDistance(Vector2 p, Vector2 a, Vector2 b)
    {
        var ab = b - a;
        var t = Math.Clamp(Vector2.Dot(p - a, ab) / Math.Max(ab.LengthSquared(), 1e-12f), 0, 1);
        return Vector2.Distance(p, a + (t * ab));
    }
}
