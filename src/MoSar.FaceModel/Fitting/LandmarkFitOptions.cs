namespace MoSar.Faces.Fitting;

/// <summary>Standard deviations and priors of <see cref="LandmarkFit"/>. Point deviations are fractions of the outer-eye distance.</summary>
public sealed record LandmarkFitOptions
{
    public static LandmarkFitOptions Default { get; } = new();

    /// <summary>Gauss–Newton steps.</summary>
    public int Iterations { get; init; } = 25;

    /// <summary>Of eye, nose and mouth points: what is left after the model's best fit to hand-placed points, about 1 mm.</summary>
    public double PointSigma { get; init; } = 0.012;

    /// <summary>Of brow points, which the shape of the bone beneath does not determine.</summary>
    public double BrowSigma { get; init; } = 0.02;

    /// <summary>Of the jaw's visible contour, across it; along it the points slide freely.</summary>
    public double ContourSigma { get; init; } = 0.018;

    /// <summary>Residuals of so many deviations get half the weight.</summary>
    public double OutlierSigmas { get; init; } = 4;

    /// <summary>Of expression coefficients about 0; beyond it the prior grows linearly.</summary>
    public double ExpressionSigma { get; init; } = 0.1;

    /// <summary>Multiplies the N(0, 1) prior on identity.</summary>
    public double IdentityWeight { get; init; } = 1;

    /// <summary>Where the file does not say: the middle of the focal length's log-normal prior, in units of the picture's longer side.</summary>
    public double FocalPrior { get; init; } = 1.6;

    /// <summary>Deviation of ln focal about the prior.</summary>
    public double FocalSigma { get; init; } = 0.7;

    /// <summary>Deviation of ln focal about a value that the file's EXIF states.</summary>
    public double KnownFocalSigma { get; init; } = 0.05;

    /// <summary>Middle of the log-normal prior on the distance of the camera, millimetres.</summary>
    public double DistancePrior { get; init; } = 650;

    /// <summary>Deviation of ln distance.</summary>
    public double DistanceSigma { get; init; } = 0.7;
}
