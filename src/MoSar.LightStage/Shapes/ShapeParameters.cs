namespace MoSar.LightStage.Shapes;

/// <summary>
/// What widens a linear shape, by name. All but age and weight are in standard deviations, 0 the middle.
/// </summary>
public sealed class ShapeParameters
{
    /// <summary>Standard deviation, cut at two of them, of each name's effect; the effect itself is in <see cref="ShapeWarp"/>.</summary>
    private static readonly string[] Drawn =
    [
        "face_length", "face_width", "taper", "jaw_width", "jaw_height", "jaw_forward", "chin_forward", "chin_height", "chin_width",
        "brow_ridge", "brow_height", "brow_slope", "forehead_slope", "forehead_width", "temple",
        "nose_length", "nose_width", "nose_forward", "nose_bridge", "nose_hump", "nose_tip", "nose_wings", "nose_bend",
        "cheekbone_width", "cheekbone_height", "lip_upper", "lip_lower", "mouth_width", "mouth_corners", "philtrum",
        "eye_spacing", "eye_depth", "eye_tilt", "eye_size", "ear_size", "ear_angle", "ear_height", "ear_lobe",
        "neck_width", "skull_depth", "skull_height", "asymmetry_bend", "asymmetry_twist", "asymmetry_eyes", "asymmetry_mouth", "asymmetry_jaw", "lip_parting",
        "pad_malar", "pad_cheek", "pad_fold", "pad_jowl", "pad_chin", "pad_brow", "pad_orbit", "pad_temple", "pad_forehead", "pad_nose",
        "pads_low", "pads_out", "pads_spread", "pads_upper_low", "pads_upper_out", "pads_upper_spread", "asymmetry_pads", "asymmetry_place", "nose_size",
    ];

    private readonly SortedDictionary<string, float> _values = new(StringComparer.Ordinal);

    private ShapeParameters()
    {
    }

    /// <summary>Every parameter by name: those of the list, and <c>age</c>, <c>sag</c>, <c>weight</c>.</summary>
    public IReadOnlyDictionary<string, float> All => _values;

    public float this[string name] => _values[name];

    internal static ShapeParameters Draw(ref Rng rng, ShapeOptions options)
    {
        var result = new ShapeParameters();
        foreach (var name in Drawn)
        {
            result._values[name] = options.Strength * Math.Clamp(rng.Normal(), -2, 2);
        }

        // Drawn whether wanted or not, so that naming an age changes nothing else of a person.
        var (age, weight) = (rng.Range(18, 80), Math.Clamp(0.15f + (0.55f * rng.Normal()), -1, 1.6f));
        result._values["age"] = options.Age ?? age;
        result._values["weight"] = (options.Weight ?? weight) * options.Strength;
        result._values["sag"] = options.Strength * Curve.Smooth(32, 85, result._values["age"]) * rng.Range(0.6f, 1.2f);
        return result;
    }

    /// <summary>The same person, as old, nearer to the middle or farther from it.</summary>
    internal ShapeParameters Scaled(float factor)
    {
        var result = new ShapeParameters();
        foreach (var (name, value) in _values)
        {
            result._values[name] = name == "age" ? value : value * factor;
        }

        return result;
    }
}
