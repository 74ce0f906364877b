using System.Numerics;

namespace MoSar.Faces.Fitting;

/// <summary>
/// Where a head is before a pinhole camera whose principal point is known. Parameterised by the image scale at the head and the inverse
/// distance, because these decouple: scale is seen by the size of the face, inverse distance only by its perspective distortion.
/// A point Y = R·(X − origin) projects to x = cx + s·(Y.x + tx)/(1 − k·Y.z), y = cy − s·(Y.y + ty)/(1 − k·Y.z).
/// </summary>
/// <param name="Rotation">3×3 row-major, 9 values.</param>
/// <param name="Tx">Millimetres, at the origin's depth.</param>
/// <param name="Ty">Millimetres, at the origin's depth.</param>
/// <param name="LogScale">ln s, s in pixels per millimetre at the origin's depth.</param>
/// <param name="LogCurvature">ln k, k = 1/distance in 1/mm.</param>
public sealed record HeadPose(double[] Rotation, double Tx, double Ty, double LogScale, double LogCurvature)
{
    public double Scale => Math.Exp(LogScale);

    /// <summary>Distance from the camera's centre to the origin's plane, millimetres.</summary>
    public double Distance => Math.Exp(-LogCurvature);

    /// <summary>In pixels.</summary>
    public double Focal => Math.Exp(LogScale - LogCurvature);

    public PinholeCamera ToCamera(double cx, double cy, Vector3 origin)
    {
        var r = Rotation;
        var o = new Vector3(
            (float)((r[0] * origin.X) + (r[1] * origin.Y) + (r[2] * origin.Z)),
            (float)((r[3] * origin.X) + (r[4] * origin.Y) + (r[5] * origin.Z)),
            (float)((r[6] * origin.X) + (r[7] * origin.Y) + (r[8] * origin.Z)));
        return new PinholeCamera(Focal, Focal, cx, cy, r, new Vector3((float)Tx, (float)Ty, (float)-Distance) - o);
    }

    /// <summary>exp([w]×)·R: turns R by the rotation vector w (radians).</summary>
    public static double[] Turn(ReadOnlySpan<double> w, ReadOnlySpan<double> rotation)
    {
        var angle = Math.Sqrt((w[0] * w[0]) + (w[1] * w[1]) + (w[2] * w[2]));
        var a = angle < 1e-9 ? 1 : Math.Sin(angle) / angle;
        var b = angle < 1e-9 ? 0.5 : (1 - Math.Cos(angle)) / (angle * angle);
        double[] e =
        [
            1 - (b * ((w[1] * w[1]) + (w[2] * w[2]))), (b * w[0] * w[1]) - (a * w[2]), (b * w[0] * w[2]) + (a * w[1]),
            (b * w[0] * w[1]) + (a * w[2]), 1 - (b * ((w[0] * w[0]) + (w[2] * w[2]))), (b * w[1] * w[2]) - (a * w[0]),
            (b * w[0] * w[2]) - (a * w[1]), (b * w[1] * w[2]) + (a * w[0]), 1 - (b * ((w[0] * w[0]) + (w[1] * w[1]))),
        ];
        var result = new double[9];
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                result[(3 * i) + j] = (e[3 * i] * rotation[j]) + (e[(3 * i) + 1] * rotation[3 + j]) + (e[(3 * i) + 2] * rotation[6 + j]);
            }
        }

        return result;
    }
}
