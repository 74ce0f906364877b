using System.Numerics;
using System.Runtime.CompilerServices;
using MoSar.Faces;

namespace MoSar.LightStage.Shapes;

/// <summary>
/// A person's shape: a draw of the face model's identity, widened by warps that its linear basis does not span (<see cref="ShapeWarp"/>).
/// The same seed gives the same person on every machine and thread.
/// </summary>
public sealed class SubjectShape
{
    // After as many attempts at one draw, another is made.
    private const int DrawnAnew = 7;

    private static readonly ConditionalWeakTable<FaceModel, Prepared> Cache = [];

    private readonly FaceModel _model;

    private SubjectShape(FaceModel model, float[] identity, ShapeParameters parameters, Vector3[] neutral, int attenuations, int crossings) =>
        (_model, Identity, Parameters, Neutral, Attenuations, Crossings) = (model, identity, parameters, neutral, attenuations, crossings);

    /// <summary>α of the linear part, in standard deviations.</summary>
    public float[] Identity { get; }

    public ShapeParameters Parameters { get; }

    /// <summary>V positions without expression, mm.</summary>
    public Vector3[] Neutral { get; }

    /// <summary>How often the draw was brought nearer to the mean, or made anew, because it crossed itself.</summary>
    public int Attenuations { get; }

    /// <summary>Edges of the outer skin that cross a triangle; 0 but for a face model of which ten draws in a row could not be mended.</summary>
    public int Crossings { get; }

    /// <param name="model">Any face model with eyeballs and ears among its regions.</param>
    /// <param name="seed">Names the person.</param>
    /// <param name="options">Null for the defaults.</param>
    public static SubjectShape Draw(FaceModel model, int seed, ShapeOptions? options = null)
    {
        options ??= new ShapeOptions();
        var rng = new Rng(unchecked(((uint)seed * 0x85EBCA6Bu) + 0x1B873593u));
        var spread = SpreadOf(seed, options);
        var (identity, parameters) = DrawParameters(model, ref rng, options, spread);
        var prepared = Cache.GetValue(model, m => new Prepared(m));
        const int most = 10 * DrawnAnew;
        for (var attempt = 0; ; attempt++)
        {
            var neutral = Make(model, prepared, identity, parameters);
            prepared.Lips.Close(neutral, 1.6f * MathF.Max(0, parameters["lip_parting"] - 0.8f));
            var crossings = prepared.Lips.Open(neutral);
            if (crossings > 0)
            {
                crossings = prepared.Folds.Relax(neutral);
            }

            if (crossings == 0 || attempt == most)
            {
                return new SubjectShape(model, identity, parameters, neutral, attempt, crossings);
            }

            if ((attempt + 1) % DrawnAnew == 0)
            {
                (identity, parameters) = DrawParameters(model, ref rng, options, spread);
                continue;
            }

            parameters = parameters.Scaled(0.8f);
            for (var k = 0; k < identity.Length; k++)
            {
                identity[k] *= 0.85f;
            }
        }
    }

    /// <summary>The person with an expression: the model's own blendshapes on the neutral.</summary>
    /// <param name="expression">δ, parallel to the template's expressions; may be shorter.</param>
    public Mesh WithExpression(ReadOnlySpan<float> expression) => new(_model.Template, _model.Expressed(Neutral, expression));

    // From numbers of its own: whatever it is, the same person is drawn, only farther from the middle.
    private static float SpreadOf(int seed, ShapeOptions options)
    {
        var rng = new Rng(unchecked(((uint)seed * 0x9E3779B1u) + 0x7F4A7C15u));
        return options.Spread > 1 ? rng.Range(1, options.Spread) : 1;
    }

    private static (float[] Identity, ShapeParameters Parameters) DrawParameters(FaceModel model, ref Rng rng, ShapeOptions options, float spread)
    {
        var identity = new float[model.IdentityCount];
        for (var k = 0; k < identity.Length; k++)
        {
            identity[k] = spread * Math.Clamp(Gaussian(ref rng), -options.IdentityLimit, options.IdentityLimit);
        }

        var parameters = ShapeParameters.Draw(ref rng, options);
        return (identity, spread > 1 ? parameters.Scaled(spread) : parameters);
    }

    private static Vector3[] Make(FaceModel model, Prepared prepared, float[] identity, ShapeParameters parameters)
    {
        var positions = model.Positions(identity, []);
        new ShapeWarp(model, positions, prepared.Ears).Apply(parameters);
        return positions;
    }

    // Box–Muller: the sum of uniforms that Rng.Normal is has no tails.
    private static float Gaussian(ref Rng rng) => MathF.Sqrt(-2 * MathF.Log(1 - rng.Next())) * MathF.Cos(MathF.Tau * rng.Next());

    /// <summary>What depends on the model only.</summary>
    private sealed class Prepared
    {
        public Prepared(FaceModel model)
        {
            Lips = new LipGap(model, SelfCrossing.For(model));
            Folds = new LocalRelief(model, SelfCrossing.For(model));
            Ears = Soft(model.Template, model.Template.Regions.TryGetValue("ears", out var ears) ? ears : new float[model.Template.VertexCount]);
        }

        public LipGap Lips { get; }

        public LocalRelief Folds { get; }

        /// <summary>The ears' region with an edge some 8 mm soft.</summary>
        public float[] Ears { get; }

        private static float[] Soft(FaceTemplate template, float[] region)
        {
            var weights = (float[])region.Clone();
            for (var pass = 0; pass < 6; pass++)
            {
                var (sum, count) = ((float[])weights.Clone(), new int[weights.Length]);
                Array.Fill(count, 1);
                for (var t = 0; t < template.Triangles.Length; t++)
                {
                    var (v, next) = (template.Triangles[t], template.Triangles[t % 3 == 2 ? t - 2 : t + 1]);
                    sum[v] += weights[next];
                    count[v]++;
                }

                for (var i = 0; i < weights.Length; i++)
                {
                    weights[i] = sum[i] / count[i];
                }
            }

            return weights;
        }
    }
}
