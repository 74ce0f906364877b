// Ray queries by Embree 3 on ranges of rays and points. The managed side cuts the work into chunks, runs them on its own threads
// and cancels between chunks; each function here is a plain loop on the calling thread.
#include <embree3/rtcore.h>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr int W = 16;

struct Scene {
    RTCDevice device;
    RTCScene scene;
};

struct Vec {
    float x, y, z;
};

inline Vec load(const float* p) { return {p[0], p[1], p[2]}; }
inline Vec operator+(Vec a, Vec b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec operator*(Vec a, float s) { return {a.x * s, a.y * s, a.z * s}; }

// An orthonormal frame around a unit vector, without a branch at the poles (Duff et al. 2017, "Building an Orthonormal Basis, Revisited").
inline void frame(Vec n, Vec& t, Vec& b)
{
    float sign = std::copysign(1.0f, n.z);
    float a = -1.0f / (sign + n.z);
    float c = n.x * n.y * a;
    t = {1.0f + sign * n.x * n.x * a, sign * c, -sign * n.x};
    b = {c, sign + n.y * n.y * a, -n.y};
}

// A full-avalanche integer mixer: neighbouring points must not share a pattern.
inline uint32_t mix(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x7feb352du;
    h ^= h >> 15;
    h *= 0x846ca68bu;
    h ^= h >> 16;
    return h;
}

inline float unit(uint32_t h) { return static_cast<float>(h >> 8) * (1.0f / 16777216.0f); }

inline void context(RTCIntersectContext& c, bool coherent)
{
    rtcInitIntersectContext(&c);
    c.flags = coherent ? RTC_INTERSECT_CONTEXT_FLAG_COHERENT : RTC_INTERSECT_CONTEXT_FLAG_INCOHERENT;
}

inline void set_ray(RTCRay16& r, int k, Vec o, Vec d, float near_t, float far_t)
{
    r.org_x[k] = o.x;
    r.org_y[k] = o.y;
    r.org_z[k] = o.z;
    r.dir_x[k] = d.x;
    r.dir_y[k] = d.y;
    r.dir_z[k] = d.z;
    r.tnear[k] = near_t;
    r.tfar[k] = far_t;
    r.time[k] = 0;
    r.mask[k] = ~0u;
    r.id[k] = 0;
    r.flags[k] = 0;
}

// Attaches a filled geometry and builds the tree; null when Embree ran out of something.
void* finish(RTCDevice device, RTCScene scene, RTCGeometry geometry, bool filled)
{
    if (filled) {
        rtcCommitGeometry(geometry);
        rtcAttachGeometry(scene, geometry);
    }
    rtcReleaseGeometry(geometry);
    if (filled)
        rtcCommitScene(scene);
    if (!filled || rtcGetDeviceError(device) != RTC_ERROR_NONE) {
        rtcReleaseScene(scene);
        rtcReleaseDevice(device);
        return nullptr;
    }
    return new Scene{device, scene};
}

} // namespace

// mixed: for a renderer's rays, some alike and some not, whose packets AVX2 traces a tenth faster than AVX-512 does (Ice Lake, Embree 3.13).
EXPORT void* mosar_scene_create(const float* vertices, int vertex_count, const int32_t* triangles, int triangle_count, int watertight, int mixed)
{
    // One build thread: the tree, and with it every tie between two triangles, is then the same in every run.
    RTCDevice device = rtcNewDevice(mixed ? "threads=1,max_isa=avx2" : "threads=1");
    if (!device)
        return nullptr;
    RTCScene scene = rtcNewScene(device);
    rtcSetSceneFlags(scene, watertight ? RTC_SCENE_FLAG_ROBUST : RTC_SCENE_FLAG_NONE);
    RTCGeometry geometry = rtcNewGeometry(device, RTC_GEOMETRY_TYPE_TRIANGLE);
    void* v = rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3, 3 * sizeof(float), vertex_count);
    void* t = rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3, 3 * sizeof(uint32_t), triangle_count);
    if (v && t) {
        std::memcpy(v, vertices, sizeof(float) * 3 * static_cast<size_t>(vertex_count));
        std::memcpy(t, triangles, sizeof(int32_t) * 3 * static_cast<size_t>(triangle_count));
    }
    return finish(device, scene, geometry, v && t);
}

// Hairs: ribbons that face every ray. points: x, y, z, radius; segments: index of the first of two points. A hit's triangle is its segment,
// u runs along it, v across.
EXPORT void* mosar_scene_create_strands(const float* points, int point_count, const int32_t* segments, int segment_count)
{
    RTCDevice device = rtcNewDevice("threads=1,max_isa=avx2");
    if (!device)
        return nullptr;
    RTCScene scene = rtcNewScene(device);
    RTCGeometry geometry = rtcNewGeometry(device, RTC_GEOMETRY_TYPE_FLAT_LINEAR_CURVE);
    void* v = rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT4, 4 * sizeof(float), point_count);
    void* t = rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT, sizeof(uint32_t), segment_count);
    if (v && t) {
        std::memcpy(v, points, sizeof(float) * 4 * static_cast<size_t>(point_count));
        std::memcpy(t, segments, sizeof(int32_t) * static_cast<size_t>(segment_count));
    }
    return finish(device, scene, geometry, v && t);
}

EXPORT void mosar_scene_free(void* handle)
{
    auto* s = static_cast<Scene*>(handle);
    rtcReleaseScene(s->scene);
    rtcReleaseDevice(s->device);
    delete s;
}

// Closest hits: triangle -1 and distance +inf where a ray leaves. Barycentric (u, v) weigh corners 1 and 2; corner 0 has 1-u-v.
EXPORT void mosar_scene_closest(void* handle, const float* origins, const float* directions, int64_t count, float near_t, float far_t, int coherent,
                                int32_t* triangle, float* distance, float* u, float* v)
{
    auto* s = static_cast<Scene*>(handle);
    RTCIntersectContext c;
    context(c, coherent != 0);
    alignas(64) RTCRayHit16 r;
    alignas(64) int valid[W];
    for (int64_t i = 0; i < count; i += W) {
        int n = static_cast<int>(count - i < W ? count - i : W);
        for (int k = 0; k < W; ++k) {
            valid[k] = k < n ? -1 : 0;
            int64_t j = 3 * (i + (k < n ? k : 0));
            set_ray(r.ray, k, load(origins + j), load(directions + j), near_t, far_t);
            r.hit.geomID[k] = RTC_INVALID_GEOMETRY_ID;
            r.hit.instID[0][k] = RTC_INVALID_GEOMETRY_ID;
        }
        rtcIntersect16(valid, s->scene, &c, &r);
        for (int k = 0; k < n; ++k) {
            bool hit = r.hit.geomID[k] != RTC_INVALID_GEOMETRY_ID;
            triangle[i + k] = hit ? static_cast<int32_t>(r.hit.primID[k]) : -1;
            distance[i + k] = hit ? r.ray.tfar[k] : std::numeric_limits<float>::infinity();
            u[i + k] = hit ? r.hit.u[k] : 0;
            v[i + k] = hit ? r.hit.v[k] : 0;
        }
    }
}

// occluded[i] = 1 where something lies in (near_t, far[i]); far == null: anywhere.
EXPORT void mosar_scene_occluded(void* handle, const float* origins, const float* directions, const float* far_t, int64_t count, float near_t, int coherent, uint8_t* occluded)
{
    auto* s = static_cast<Scene*>(handle);
    RTCIntersectContext c;
    context(c, coherent != 0);
    alignas(64) RTCRay16 r;
    alignas(64) int valid[W];
    for (int64_t i = 0; i < count; i += W) {
        int n = static_cast<int>(count - i < W ? count - i : W);
        for (int k = 0; k < W; ++k) {
            valid[k] = k < n ? -1 : 0;
            int64_t m = i + (k < n ? k : 0), j = 3 * m;
            set_ray(r, k, load(origins + j), load(directions + j), near_t, far_t ? far_t[m] : std::numeric_limits<float>::infinity());
        }
        rtcOccluded16(valid, s->scene, &c, &r);
        for (int k = 0; k < n; ++k)
            occluded[i + k] = r.tfar[k] < 0 ? 1 : 0;
    }
}

namespace {

// Directions for one point: stratified, cosine-weighted around +z inside the cone with sin²(angle) <= sin2. A golden-ratio spiral with a
// random start and turn per point: low discrepancy within the point, no pattern between points. The spiral's sines are made once a call.
// (Sorted by azimuth, so that a packet's rays go one way, it is no faster; nor are single rays, streams or packets of 8.)
struct Spiral {
    std::vector<float> cosine, sine;
    float sin2;
    int count;

    Spiral(int n, float limit) : cosine(n), sine(n), sin2(limit), count(n)
    {
        for (int k = 0; k < n; ++k) {
            double phi = 6.283185307179586 * std::fmod(k * 0.6180339887498949, 1.0);
            cosine[k] = static_cast<float>(std::cos(phi));
            sine[k] = static_cast<float>(std::sin(phi));
        }
    }
};

struct Cone {
    const Spiral& spiral;
    float jitter, turn_cosine, turn_sine;

    Cone(const Spiral& pattern, int64_t index, uint32_t seed) : spiral(pattern)
    {
        uint32_t h = mix(static_cast<uint32_t>(index) * 0x9e3779b9u + mix(seed + static_cast<uint32_t>(index >> 32)));
        float phi = 6.2831853f * unit(mix(h ^ 0x68bc21ebu));
        jitter = unit(h);
        turn_cosine = std::cos(phi);
        turn_sine = std::sin(phi);
    }

    Vec operator()(int k) const
    {
        float r2 = spiral.sin2 * (k + jitter) / spiral.count;
        float r = std::sqrt(r2);
        float c = spiral.cosine[k], s = spiral.sine[k];
        return {r * (c * turn_cosine - s * turn_sine), r * (s * turn_cosine + c * turn_sine), std::sqrt(1.0f - r2 > 0 ? 1.0f - r2 : 0.0f)};
    }
};

} // namespace

// The fraction of the cosine-weighted hemisphere over each point that is open within far_t. bent (3 a point) may be null: the mean open direction.
EXPORT void mosar_scene_openness(void* handle, const float* points, const float* normals, int64_t first, int64_t count, int rays, float offset, float far_t,
                                 uint32_t seed, float* open, float* bent)
{
    auto* s = static_cast<Scene*>(handle);
    RTCIntersectContext c;
    context(c, false);
    Spiral spiral(rays, 1.0f);
    alignas(64) RTCRay16 r;
    alignas(64) int valid[W];
    for (int64_t i = 0; i < count; ++i) {
        Vec n = load(normals + 3 * i), t, b, sum = {0, 0, 0};
        Vec o = load(points + 3 * i) + n * offset;
        frame(n, t, b);
        Cone pattern(spiral, first + i, seed);
        int free_rays = 0;
        for (int k0 = 0; k0 < rays; k0 += W) {
            int m = rays - k0 < W ? rays - k0 : W;
            for (int k = 0; k < W; ++k) {
                Vec d = pattern(k0 + (k < m ? k : 0));
                valid[k] = k < m ? -1 : 0;
                set_ray(r, k, o, t * d.x + b * d.y + n * d.z, 0, far_t);
            }
            rtcOccluded16(valid, s->scene, &c, &r);
            for (int k = 0; k < m; ++k) {
                if (r.tfar[k] < 0)
                    continue;
                ++free_rays;
                sum = sum + Vec{r.dir_x[k], r.dir_y[k], r.dir_z[k]};
            }
        }
        open[i] = static_cast<float>(free_rays) / rays;
        if (bent) {
            float length = std::sqrt(sum.x * sum.x + sum.y * sum.y + sum.z * sum.z);
            Vec d = length > 0 ? sum * (1 / length) : n;
            bent[3 * i] = d.x;
            bent[3 * i + 1] = d.y;
            bent[3 * i + 2] = d.z;
        }
    }
}

// The mean distance that rays in the cone around -n travel inside the body before they leave it, at most far_t each.
EXPORT void mosar_scene_thickness(void* handle, const float* points, const float* normals, int64_t first, int64_t count, int rays, float sin2, float offset,
                                  float far_t, uint32_t seed, float* thickness)
{
    auto* s = static_cast<Scene*>(handle);
    RTCIntersectContext c;
    context(c, false);
    Spiral spiral(rays, sin2);
    alignas(64) RTCRayHit16 r;
    alignas(64) int valid[W];
    for (int64_t i = 0; i < count; ++i) {
        Vec n = load(normals + 3 * i) * -1.0f, t, b;
        Vec o = load(points + 3 * i) + n * offset;
        frame(n, t, b);
        Cone pattern(spiral, first + i, seed);
        float sum = 0;
        for (int k0 = 0; k0 < rays; k0 += W) {
            int m = rays - k0 < W ? rays - k0 : W;
            for (int k = 0; k < W; ++k) {
                Vec d = pattern(k0 + (k < m ? k : 0));
                valid[k] = k < m ? -1 : 0;
                set_ray(r.ray, k, o, t * d.x + b * d.y + n * d.z, 0, far_t);
                r.hit.geomID[k] = RTC_INVALID_GEOMETRY_ID;
                r.hit.instID[0][k] = RTC_INVALID_GEOMETRY_ID;
            }
            rtcIntersect16(valid, s->scene, &c, &r);
            for (int k = 0; k < m; ++k)
                sum += r.ray.tfar[k] + offset;
        }
        thickness[i] = sum / rays;
    }
}
