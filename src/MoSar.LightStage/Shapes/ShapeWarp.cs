using System.Numerics;
using MoSar.Faces;

namespace MoSar.LightStage.Shapes;

/// <summary>
/// Widens a head by smooth warps of space: each moves, scales, turns or bends what lies in a soft ellipsoid about some landmarks, one after
/// another, and landmarks go along. A warp whose gradient stays below one cannot fold space over, so what did not cross itself before does not
/// cross itself after. Eyeballs and the lids on them move as one, rigidly.
/// </summary>
internal sealed class ShapeWarp
{
    private readonly Vector3[] _p;
    private readonly FaceTemplate _template;
    private readonly float[] _ears;

    public ShapeWarp(FaceModel model, Vector3[] positions, float[] ears)
    {
        (_template, _p, _ears) = (model.Template, positions, ears);
    }

    private Vector3 Mark(int i)
    {
        var (t, b) = (_template.Landmarks[i].Triangle * 3, _template.Landmarks[i].Barycentric);
        return (_p[_template.Triangles[t]] * b.X) + (_p[_template.Triangles[t + 1]] * b.Y) + (_p[_template.Triangles[t + 2]] * b.Z);
    }

    private Vector3 Between(int i, int j) => 0.5f * (Mark(i) + Mark(j));

    public void Apply(ShapeParameters s)
    {
        Skull(s);
        LowerFace(s);
        Brows(s);
        Nose(s);
        Mouth(s);
        Fat(s["weight"]);
        Pads(s);
        Sag(s["sag"]);
        Ears(s);
        Asymmetry(s);
    }

    private void Skull(ShapeParameters s)
    {
        var middle = Between(36, 45) with { X = 0 };
        var (chin, brow) = (Mark(8), Mark(27));

        // Length and width belong to the face: below the neck's root nothing changes.
        Warp(p => Above(p, chin.Y - 40, 60) * (p - middle) * new Vector3(0.022f * s["face_width"], 0.020f * s["face_length"], 0));
        Warp(p => Above(p, chin.Y - 40, 60) * new Vector3(p.X * 0.028f * s["taper"] * MathF.Tanh((p.Y - middle.Y + 20) / 70), 0, 0));
        var crown = middle + new Vector3(0, 60, -70);
        Warp(p => Field(p, crown, new(110, 80, 90)) * (p - crown) * new Vector3(0, 0.035f * s["skull_height"], 0.035f * s["skull_depth"]));
        var forehead = brow + new Vector3(0, 45, -12);
        Warp(p => Field(p, forehead, new(75, 34, 50)) * new Vector3(0.022f * s["forehead_width"] * p.X, 0, 0.10f * s["forehead_slope"] * -MathF.Max(0, p.Y - brow.Y)));
        Both(new(62, middle.Y + 18, middle.Z - 22), (p, c) => Field(p, c, new(20, 22, 24)) * new Vector3(1.1f * s["temple"] * MathF.Sign(c.X), 0, 0));
        var neck = chin + new Vector3(0, -50, -75);
        Warp(p => Field(p, neck, new(90, 45, 80)) * new Vector3(0.045f * s["neck_width"] * p.X, 0, 0.03f * s["neck_width"] * (p.Z - neck.Z)));
    }

    private void LowerFace(ShapeParameters s)
    {
        var (chin, joint) = (Mark(8), Between(0, 16) with { X = 0 });

        // The jaw turns about its joint: forward or back, as a prognathic or receding one does.
        var angle = 0.020f * s["jaw_forward"];
        Warp(p =>
        {
            var below = Curve.Smooth(joint.Y - 10, chin.Y + 8, p.Y) * Curve.Smooth(chin.Y - 60, chin.Y - 12, p.Y) * Curve.Smooth(joint.Z - 25, joint.Z + 35, p.Z);
            var (sin, cos) = MathF.SinCos(angle * below);
            var d = p - joint;
            return new Vector3(0, (d.Y * cos) + (d.Z * sin) - d.Y, (d.Z * cos) - (d.Y * sin) - d.Z);
        });
        Both(Mark(12), (p, c) => Field(p, c, new(28, 30, 34)) * new Vector3(2.1f * s["jaw_width"] * MathF.Sign(c.X), 1.2f * s["jaw_height"], 0));
        Warp(p => Field(p, chin, new(30, 24, 26)) * new Vector3(0.07f * s["chin_width"] * p.X, 1.5f * s["chin_height"], 1.6f * s["chin_forward"]));
        var cheekbone = 0.5f * (Mark(15) + Mark(46)) + new Vector3(4, -6, 6);
        Both(cheekbone, (p, c) => Field(p, c, new(24, 20, 26)) * new Vector3(1.5f * s["cheekbone_width"] * MathF.Sign(c.X), 0.9f * s["cheekbone_height"], 0.9f * s["cheekbone_width"]));
    }

    private void Brows(ShapeParameters s)
    {
        Both(Mark(24), (p, c) =>
            Field(p, c, new(24, 11, 16)) * new Vector3(0, 1.3f * s["brow_height"] + (0.035f * s["brow_slope"] * (MathF.Abs(p.X) - MathF.Abs(c.X))), 1.1f * s["brow_ridge"]));
        for (var eye = 0; eye < 2; eye++)
        {
            var side = 1 - (2 * eye);
            var ball = EyeBall(eye);
            var (size, tilt) = (0.020f * s["eye_size"], 0.022f * s["eye_tilt"] * side);
            var shift = new Vector3(0.9f * s["eye_spacing"] * side, 0, 0.8f * s["eye_depth"]);

            // One rigid motion inside, fading outside: the lids keep their distance from the ball.
            Move(p =>
            {
                var w = Curve.Smooth(2.3f * ball.Radius, 1.3f * ball.Radius, Vector3.Distance(p, ball.Centre));
                var (sin, cos) = MathF.SinCos(tilt * w);
                var d = p - ball.Centre;
                var turned = new Vector3((d.X * cos) - (d.Y * sin), (d.X * sin) + (d.Y * cos), d.Z);
                return turned - d + (w * (shift + (size * d)));
            });
        }
    }

    private void Nose(ShapeParameters s)
    {
        var (root, tip, foot) = (Mark(27), Mark(30), Mark(33));
        var middle = 0.5f * (root + foot);
        var length = root.Y - foot.Y;
        Warp(p => Field(p, tip, new(19, 22, 26)) * new Vector3(0, -1.6f * s["nose_length"] * Curve.Smooth(root.Y, foot.Y, p.Y), 0));
        Warp(p => Field(p, middle + new Vector3(0, -6, 0), new(20, 0.62f * length, 24)) * new Vector3(0.065f * s["nose_width"] * p.X, 0, 0));
        Warp(p => Field(p, tip + new Vector3(0, -2, 0), new(17, 20, 22)) * new Vector3(0, 0, 1.7f * s["nose_forward"]));
        Warp(p => Field(p, Vector3.Lerp(root, tip, 0.35f), new(9, 0.35f * length, 16)) * new Vector3(0.04f * s["nose_bridge"] * p.X, 0, 0.9f * s["nose_hump"]));
        Warp(p => Field(p, root, new(12, 14, 16)) * new Vector3(0, 0, 1.0f * s["nose_bridge"]));
        Both(Mark(35), (p, c) => Field(p, c, new(7.5f, 9, 11)) * new Vector3(0.9f * s["nose_wings"] * MathF.Sign(c.X), 0.4f * s["nose_wings"], 0));

        // The tip turns up or down about the nose's foot.
        var lift = 0.06f * s["nose_tip"];
        Warp(p =>
        {
            var (sin, cos) = MathF.SinCos(lift * Field(p, tip, new(14, 15, 17)));
            var d = p - foot - new Vector3(0, 4, -8);
            return new Vector3(0, (d.Y * cos) + (d.Z * sin) - d.Y, (d.Z * cos) - (d.Y * sin) - d.Z);
        });

        // A bent nose is an S along its own length.
        Warp(p =>
        {
            var t = Math.Clamp((root.Y - p.Y) / length, -0.3f, 1.3f);
            return Field(p, middle, new(18, 0.75f * length, 24)) * new Vector3(1.3f * s["nose_bend"] * MathF.Sin(MathF.PI * t) * (0.4f + t), 0, 0);
        });
    }

    private void Mouth(ShapeParameters s)
    {
        var (upper, lower, seam) = (Mark(51), Mark(57), Between(62, 66));
        var half = MathF.Abs(Mark(54).X - Mark(48).X) / 2;
        Warp(p => Field(p, seam + new Vector3(0, 0, -6), new(1.5f * half, 16, 24)) * new Vector3(0.055f * s["mouth_width"] * p.X, 0, 0));
        Warp(p => Field(p, upper, new(0.9f * half, 6.5f, 12)) * new Vector3(0, 0.55f * s["lip_upper"], 0.75f * s["lip_upper"]) * Curve.Smooth(seam.Y - 0.5f, seam.Y + 3, p.Y));
        Warp(p => Field(p, lower, new(0.8f * half, 7, 12)) * new Vector3(0, -0.65f * s["lip_lower"], 0.8f * s["lip_lower"]) * Curve.Smooth(seam.Y + 0.5f, seam.Y - 3, p.Y));
        Both(Mark(54), (p, c) => Field(p, c, new(13, 11, 16)) * new Vector3(0, 0.9f * s["mouth_corners"], 0));
        Warp(p => Field(p, seam, new(30, 26, 26)) * new Vector3(0, 0.9f * s["philtrum"], 0));
    }

    // Fat lies in cheeks, jowls, below the chin and around the neck; without it cheeks and temples are hollow.
    private void Fat(float weight)
    {
        var heart = Between(0, 16) with { X = 0 } + new Vector3(0, -20, -10);
        var (cheek, jowl, chin) = (Vector3.Lerp(Mark(13), Mark(54), 0.42f), Mark(11), Mark(8));
        void Out(Vector3 centre, Vector3 radii, float mm) => Both(centre, (p, c) => Field(p, c, radii) * mm * Vector3.Normalize(p - heart));
        Out(cheek, new(26, 30, 30), 3.4f * weight);
        Out(jowl, new(28, 26, 34), 2.9f * weight);
        Out(Mark(14) + new Vector3(0, 6, 8), new(20, 26, 26), 1.6f * weight);
        if (weight > 0)
        {
            var under = chin + new Vector3(0, -14, -26);
            Warp(p => Field(p, under, new(46, 22, 32)) * new Vector3(0, -3.2f, 2.2f) * weight);
            Warp(p => Field(p, chin + new Vector3(0, -48, -70), new(110, 40, 90)) * new Vector3(0.075f * p.X, 0, 0.06f * (p.Z - chin.Z + 75)) * weight);
        }
        else
        {
            Out(new Vector3(60, Mark(45).Y + 20, Mark(45).Z - 20), new(18, 20, 22), 1.2f * weight);
        }
    }

    // Soft tissue lies in pads whose amount, place and extent differ between people: a cheek is full high or low, broadly or in a small apple. Amount times
    // place is what no sum of fixed shapes says in few numbers. Left and right differ a little in both.
    private void Pads(ShapeParameters s)
    {
        // The root of the nose grows with it: all of it by one factor about its bridge.
        var (root, foot) = (Mark(27), Mark(33));
        Warp(p => Field(p, 0.5f * (root + foot), new(24, 0.8f * (root.Y - foot.Y), 30)) * 0.05f * s["nose_size"] * (p - root));

        var lower = (Out: 5.5f * s["pads_out"], Low: 6.5f * s["pads_low"], Spread: MathF.Exp(0.22f * s["pads_spread"]));
        var upper = (Out: 4.5f * s["pads_upper_out"], Low: 4 * s["pads_upper_low"], Spread: MathF.Exp(0.22f * s["pads_upper_spread"]));
        var (cheek, brow) = (Vector3.Lerp(Mark(13), Mark(54), 0.42f), Mark(24));
        Pad("pad_malar", (0.5f * (Mark(46) + Mark(35))) + new Vector3(8, -8, 0), new(15, 12, 18), 1.3f, lower);
        Pad("pad_cheek", cheek, new(18, 17, 22), 1.8f, lower);
        Pad("pad_fold", Vector3.Lerp(Mark(35), Mark(54), 0.45f) + new Vector3(9, 2, -4), new(9, 14, 16), 1.0f, lower);
        Pad("pad_jowl", Vector3.Lerp(Mark(10), Mark(11), 0.6f), new(15, 14, 20), 1.5f, lower);
        Pad("pad_chin", Mark(8) + new Vector3(6, 8, 0), new(11, 10, 14), 1.2f, lower);
        Pad("pad_brow", brow + new Vector3(0, 3, 0), new(15, 8, 14), 0.9f, upper);
        Pad("pad_orbit", Mark(46) + new Vector3(0, -11, 0), new(14, 7, 14), 0.8f, upper);
        Pad("pad_temple", new(61, Mark(45).Y + 16, Mark(45).Z - 16), new(15, 18, 20), 1.2f, upper);
        Pad("pad_forehead", Mark(27) + new Vector3(22, 38, -4), new(22, 17, 20), 1.1f, upper);
        Pad("pad_nose", Mark(30) + new Vector3(5, 2, -5), new(7, 8, 10), 0.7f, (0.4f * lower.Out, 0.6f * upper.Low, lower.Spread));

        void Pad(string name, Vector3 place, Vector3 radii, float mm, (float Out, float Low, float Spread) at)
        {
            foreach (var side in (ReadOnlySpan<int>)[-1, 1])
            {
                var amount = mm * (s[name] + (0.35f * side * s["asymmetry_pads"]));
                var centre = (place + new Vector3(at.Out, -at.Low - (1.5f * side * s["asymmetry_place"]), 0)) * new Vector3(side, 1, 1);
                var away = Vector3.Normalize(centre - new Vector3(0, centre.Y, centre.Z - 70));
                Warp(p => amount * Field(p, centre, at.Spread * radii) * away);
            }
        }
    }

    // What gravity does in fifty years: jowls, folds beside nose and mouth, thin lips, a lower nose, long ears.
    private void Sag(float sag)
    {
        if (sag <= 0)
        {
            return;
        }

        var (seam, tip, upper, lower) = (Between(62, 66), Mark(30), Mark(51), Mark(57));
        Both(Vector3.Lerp(Mark(10), Mark(11), 0.5f), (p, c) => Field(p, c, new(20, 18, 26)) * new Vector3(1.2f * MathF.Sign(c.X), -3.6f, 0.8f) * sag);
        Both(Vector3.Lerp(Mark(12), Mark(54), 0.55f), (p, c) => Field(p, c, new(18, 24, 22)) * new Vector3(0, -2.2f, -0.9f) * sag);
        Warp(p => Field(p, tip, new(13, 15, 16)) * new Vector3(0, -1.6f, -0.3f) * sag);
        Warp(p => Field(p, upper, new(22, 7, 12)) * new Vector3(0, -0.5f, -1.0f) * sag * Curve.Smooth(seam.Y - 0.5f, seam.Y + 3, p.Y));
        Warp(p => Field(p, lower, new(20, 7, 12)) * new Vector3(0, 0.5f, -0.9f) * sag * Curve.Smooth(seam.Y + 0.5f, seam.Y - 3, p.Y));
        var fold = (Vector3[])[Mark(35) + new Vector3(5, 5, -3), Mark(35) + new Vector3(11, -8, -4), Mark(54) + new Vector3(10, 4, -3), Mark(54) + new Vector3(8, -12, -6)];
        for (var k = 0; k < 7; k++)
        {
            var at = Curve.Along(fold, k / 6f);
            Both(at, (p, c) => Field(p, c, new(5, 7, 9)) * new Vector3(0, 0, -0.42f) * sag);
            Both(at + new Vector3(8, 1, -2), (p, c) => Field(p, c, new(7, 8, 11)) * new Vector3(0.1f * MathF.Sign(c.X), -0.25f, 0.40f) * sag);
        }

        var throat = Mark(8) + new Vector3(0, -26, -30);
        Warp(p => Field(p, throat, new(18, 26, 22)) * new Vector3(0, -2.0f, 2.6f) * sag);
    }

    private void Ears(ShapeParameters s)
    {
        for (var side = -1; side <= 1; side += 2)
        {
            var (low, high) = (new Vector3(float.MaxValue), new Vector3(float.MinValue));
            for (var i = 0; i < _p.Length; i++)
            {
                if (_ears[i] > 0.6f && MathF.Sign(_p[i].X) == side)
                {
                    (low, high) = (Vector3.Min(low, _p[i]), Vector3.Max(high, _p[i]));
                }
            }

            var inner = side > 0 ? low.X : high.X;
            var root = new Vector3(inner, 0.5f * (low.Y + high.Y), high.Z - 6);
            var (angle, size, sag) = (0.09f * s["ear_angle"] * side, 0.055f * s["ear_size"], 2.2f * s["sag"]);
            var (bottom, height) = (low.Y, high.Y - low.Y);
            for (var i = 0; i < _p.Length; i++)
            {
                var w = MathF.Sign(_p[i].X) == side ? _ears[i] : 0;
                if (w <= 0)
                {
                    continue;
                }

                // Stands off by turning about a vertical axis at its front.
                var d = _p[i] - root;
                var (sin, cos) = MathF.SinCos(angle * w);
                var turned = new Vector3((d.X * cos) - (d.Z * sin), d.Y, (d.Z * cos) + (d.X * sin));
                var lobe = Curve.Smooth(bottom + (0.35f * height), bottom, _p[i].Y);
                _p[i] += turned - d + (w * ((size * d) + new Vector3(0, (1.2f * s["ear_height"]) - (lobe * ((0.8f * s["ear_lobe"]) + sag)), 0)));
            }
        }
    }

    // No face is its own mirror image: a slight bend of the midline, a twist, halves that differ.
    private void Asymmetry(ShapeParameters s)
    {
        var (brow, chin, seam) = (Mark(27), Mark(8), Between(62, 66));
        var height = brow.Y - chin.Y;
        Warp(p =>
        {
            var t = (brow.Y - p.Y) / height;
            return new Vector3(0.9f * s["asymmetry_bend"] * MathF.Max(0, t) * t * Above(p, chin.Y - 55, 45) * Curve.Smooth(0, 60, p.Z), 0, 0);
        });
        Warp(p =>
        {
            var (sin, cos) = MathF.SinCos(0.010f * s["asymmetry_twist"] * Above(p, chin.Y - 55, 45) * (p.Y - seam.Y) / height);
            return new Vector3((p.X * cos) + (p.Z * sin) - p.X, 0, (p.Z * cos) - (p.X * sin) - p.Z);
        });
        Warp(p => Field(p, seam, new(34, 22, 30)) * new Vector3(0, 0.022f * s["asymmetry_mouth"] * p.X, 0));
        var eyes = Between(36, 45);
        Warp(p => Field(p, eyes, new(60, 22, 34)) * new Vector3(0, 0.014f * s["asymmetry_eyes"] * p.X, 0));
        Warp(p => Field(p, chin, new(50, 30, 40)) * new Vector3(0.9f * s["asymmetry_jaw"], 0, 0));
    }

    private (Vector3 Centre, float Radius) EyeBall(int side)
    {
        var (centre, radius, _) = HeadParts.Of(_template).Eyes[side].Fit(_p);
        return (centre, radius);
    }

    private static float Field(Vector3 p, Vector3 centre, Vector3 radii) => MathF.Exp(-((p - centre) / radii).LengthSquared());

    private static float Above(Vector3 p, float y, float fade) => Curve.Smooth(y - fade, y, p.Y);

    private void Move(Func<Vector3, Vector3> offset)
    {
        for (var i = 0; i < _p.Length; i++)
        {
            _p[i] += offset(_p[i]);
        }
    }

    // A warp at a place and its mirror image.
    private void Both(Vector3 place, Func<Vector3, Vector3, Vector3> offset)
    {
        var mirrored = place with { X = -place.X };
        Warp(p => offset(p, place) + offset(p, mirrored));
    }

    // Eyes ride on a warp as rigid bodies, and the lids on them.
    private void Warp(Func<Vector3, Vector3> offset)
    {
        var (left, right) = (EyeBall(0), EyeBall(1));
        var (leftShift, rightShift) = (offset(left.Centre), offset(right.Centre));
        for (var i = 0; i < _p.Length; i++)
        {
            var p = _p[i];
            var moved = offset(p);
            var (a, b) = (Rigid(p, left), Rigid(p, right));
            _p[i] = p + (moved * (1 - a - b)) + (leftShift * a) + (rightShift * b);
        }

        // The two never both reach a point: eyes are four radii apart.
        static float Rigid(Vector3 p, (Vector3 Centre, float Radius) ball) =>
            Curve.Smooth(1.9f * ball.Radius, 1.25f * ball.Radius, Vector3.Distance(p, ball.Centre));
    }
}
