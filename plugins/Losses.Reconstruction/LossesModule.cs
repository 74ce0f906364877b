using MoSar.Learning.Training;

namespace MoSar.Plugins.ReconstructionLosses;

public sealed class LossesModule : IPluginModule
{
    public void Register(IStageRegistry registry)
    {
        registry.Add<ILossTerm, PhotoOptions>("loss.photo", "L_photo: ℓ1 between vertex colours and the picture where they are seen", o => new PhotoTerm(o));
        registry.Add<ILossTerm, NoOptions>("loss.landmarks", "L_landmark: pixels between projected and detected landmarks, the jaw on the visible contour", _ => new LandmarkTerm());
        registry.Add<ILossTerm, NoOptions>("loss.dense_landmarks", "places, depths and doubts of hundreds of points of the skin, against a mesh and its camera", _ => new DenseLandmarkTerm());
        registry.Add<ILossTerm, LaplacianOptions>("loss.laplacian", "L_lap: mean curvature of the estimated mesh, or its change against the mean head", o => new LaplacianTerm(o));
        registry.Add<ILossTerm, NoOptions>("loss.light", "L_light: light is nearly white", _ => new LightTerm());
        registry.Add<ILossTerm, NoOptions>("loss.expression", "L_exp: ℓ1 of the expression coefficients", _ => new ExpressionTerm());
        registry.Add<ILossTerm, NoOptions>("loss.albedo", "L_alb: albedo coefficients are those of probable people", _ => new AlbedoTerm());
        registry.Add<ILossTerm, VertexOptions>("loss.vertices", "L_supervised: millimetres between estimated and true vertices", o => new VertexTerm(o));
        registry.Add<ILossTerm, RegionOptions>("loss.normals", "L_nrm: cosine distance between estimated and true normals", o => new NormalTerm(o));
    }
}
