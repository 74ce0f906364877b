"""Makes realy_reference.json: a small made-up face, a prediction of it, and what REALY's protocol says of them.

Written from the paper and the issue's account of the protocol, apart from the C# code: rows of the least-squares problem are stacked and solved
densely, closest points are found by trying all triangles. Needs numpy. Run: /usr/bin/python3 realy_reference.py
"""
import json
import math
import os

import numpy as np

NOSE, MOUTH, FOREHEAD, CHEEK = range(4)
LIPS = list(range(48, 61)) + [64]
GLOBAL = [36, 39, 42, 45, 33, 48, 54]
RIGID = {
    NOSE: list(range(27, 36)) + [70, 71],
    MOUTH: LIPS,
    FOREHEAD: list(range(36, 48)) + list(range(17, 27)),
    CHEEK: LIPS + [76, 77, 36, 41, 40, 39, 42, 47, 46, 45, 7, 8, 9],
}
SOFT = {NOSE: list(range(27, 36)), MOUTH: LIPS, FOREHEAD: RIGID[FOREHEAD], CHEEK: []}


def grid(x0, x1, y0, y1, nx, ny, height, rng, jitter):
    xs, ys = np.linspace(x0, x1, nx), np.linspace(y0, y1, ny)
    x, y = [a.ravel() for a in np.meshgrid(xs, ys)]
    x = x + rng.uniform(-jitter, jitter, x.size) * (x1 - x0) / (nx - 1)
    y = y + rng.uniform(-jitter, jitter, y.size) * (y1 - y0) / (ny - 1)
    tris = []
    for j in range(ny - 1):
        for i in range(nx - 1):
            a = j * nx + i
            tris += [[a, a + 1, a + nx + 1], [a, a + nx + 1, a + nx]]
    return np.stack([x, y, height(x, y)], 1).astype(np.float32).astype(float), np.array(tris)


def truth(x, y):
    return 5 - x * x / 14 - y * y / 60 + 2.2 * np.exp(-(x * x / 1.5 + (y + .6) ** 2 / 4)) + .3 * np.exp(-(x * x / 3 + (y + 4) ** 2 / .6))


def guess(x, y):
    return 5.1 - x * x / 13 - y * y / 55 + 1.8 * np.exp(-(x * x / 1.9 + (y + .3) ** 2 / 3.4)) + .2 * np.exp(-(x * x / 3 + (y + 4.2) ** 2 / .8)) + .08 * np.sin(1.3 * x + .7 * y)


def places():
    """x, y of 85 keypoints, roughly where a face has them."""
    p = np.zeros((85, 2))
    p[:17] = [(7.5 * math.sin(a), 1 - 9 * math.cos(a)) for a in np.linspace(-1.5, 1.5, 17)]
    p[17:22] = [(-5.6 + i * 1.1, 5 + .5 * math.sin(i * .8)) for i in range(5)]
    p[22:27] = [(1.2 + i * 1.1, 5 + .5 * math.sin((4 - i) * .8)) for i in range(5)]
    p[27:31] = [(.02 * i, 3 - 1.1 * i) for i in range(4)]
    p[31:36] = [(-1.4 + .7 * i, -1.6 - .2 * math.sin(i * .785)) for i in range(5)]
    for first, sign in ((36, -1), (42, 1)):
        around = [(math.pi - k * math.pi / 3) for k in range(6)]
        p[first:first + 6] = [(sign * 3.3 + 1.4 * math.cos(a), 3 + .5 * math.sin(a)) for a in around]
    p[48:60] = [(2.6 * math.cos(math.pi - k * math.pi / 6), -4.2 + .9 * math.sin(math.pi - k * math.pi / 6)) for k in range(12)]
    p[60:68] = [(2.3 * math.cos(math.pi - k * math.pi / 4), -4.2 + .3 * math.sin(math.pi - k * math.pi / 4)) for k in range(8)]
    p[70], p[71], p[76], p[77] = (-1.9, -.8), (1.9, -.8), (-4, .4), (4, .4)
    return p


def on_triangles(q, v, t):
    """Closest point of a mesh to q, trying every triangle: inside it, on its three edges."""
    a, b, c = v[t[:, 0]], v[t[:, 1]], v[t[:, 2]]
    best, point = np.inf, None
    n = np.cross(b - a, c - a)
    foot = q - n * (((q - a) * n).sum(1) / (n * n).sum(1))[:, None]
    inside = np.ones(len(t), bool)
    for s, e in ((a, b), (b, c), (c, a)):
        inside &= (np.cross(e - s, foot - s) * n).sum(1) >= 0
        k = np.clip(((q - s) * (e - s)).sum(1) / ((e - s) ** 2).sum(1), 0, 1)
        on = s + k[:, None] * (e - s)
        d = ((on - q) ** 2).sum(1)
        i = d.argmin()
        if d[i] < best:
            best, point = d[i], on[i]
    d = np.where(inside, ((foot - q) ** 2).sum(1), np.inf)
    i = d.argmin()
    return foot[i] if d[i] < best else point


def closest(qs, v, t):
    return np.array([on_triangles(q, v, t) for q in qs])


def fit(source, target, scale):
    ms, mt = source.mean(0), target.mean(0)
    u, _, w = np.linalg.svd((target - mt).T @ (source - ms))
    r = u @ np.diag([1, 1, np.linalg.det(u @ w)]) @ w
    s = np.abs(target - mt).sum() / np.abs((source - ms) @ r.T).sum() if scale else 1.
    return s, r, mt - s * (r @ ms)


def align(v, keys, tris, scan, scan_keys, repeat):
    previous, rounds = 0., 0
    to = np.vstack([scan] + [scan_keys] * repeat)
    while True:
        at = np.vstack([closest(scan, v, tris)] + [keys] * repeat)
        _, r, move = fit(at, to, False)
        error = (((at @ r.T + move) - to) ** 2).sum(1).mean()
        if abs(error - previous) < 1e-6 or rounds >= 100:
            return v, keys
        v, keys, previous, rounds = v @ r.T + move, keys @ r.T + move, error, rounds + 1


def edges(tris):
    return sorted({(min(t[i], t[j]), max(t[i], t[j])) for t in tris.tolist() for i, j in ((0, 1), (1, 2), (2, 0))})


def deform(v, tris, targets, soft, soft_targets):
    n, es = len(v), edges(tris)
    x, solves = np.ones((4 * n, 3)), 0

    def stiff(weights):
        rows = np.zeros((4 * len(es), 4 * n))
        for e, (i, j) in enumerate(es):
            for k in range(4):
                rows[4 * e + k, 4 * i + k], rows[4 * e + k, 4 * j + k] = weights[k], -weights[k]
        return rows

    def solve(weights, data, soft_weight):
        d = np.zeros((n, 4 * n))
        for i in range(n):
            d[i, 4 * i:4 * i + 4] = [*v[i], 1]
        rows, right = [stiff(weights)], [np.zeros((4 * len(es), 3))]
        if data:
            distance = np.sqrt(((v[:, None] - targets[None]) ** 2).sum(2))
            near, length = distance.argmin(1), distance.min(1)
            w = (length < max(2 * length.mean(), 1)).astype(float)[:, None]
            rows.append(d * w)
            right.append(targets[near] * w)
        if soft:
            chosen = dict(zip(soft, soft_targets))
            rows.append(soft_weight * d[list(chosen)])
            right.append(soft_weight * np.array(list(chosen.values())))
        return d, np.linalg.lstsq(np.vstack(rows), np.vstack(right), rcond=None)[0]

    before = np.zeros_like(x)
    if soft:
        before = x
        d, x = solve(150 * np.array([2, 2, 3, 2.]), False, 50)
        v, solves = d @ x, 1
    for k in range(3):
        step = 0
        while np.linalg.norm(x - before) > .5 ** k and not (soft and step > 10):
            before = x
            d, x = solve(50 * math.exp(-.5 * k) * np.ones(4), True, 50 * math.exp(-.9 * solves) / 10)
            v, solves, step = d @ x, solves + 1, step + 1
    return v, solves


def main():
    rng = np.random.default_rng(4)
    scans = {
        NOSE: grid(-2.2, 2.2, -2.4, 3.4, 11, 13, truth, rng, .25),
        MOUTH: grid(-3.6, 3.6, -7, -2.6, 14, 9, truth, rng, .25),
        FOREHEAD: grid(-6, 6, 1.8, 8, 15, 9, truth, rng, .25),
        CHEEK: grid(-6.5, -2.4, -5.5, 1.6, 9, 13, truth, rng, .25),
    }
    p = places()
    scan_keys = np.column_stack([p, truth(p[:, 0], p[:, 1])]).astype(np.float32).astype(float)

    model, tris = grid(-8.5, 8.5, -9.5, 9, 23, 25, guess, rng, .2)
    shifted = p + rng.normal(0, .12, p.shape)
    bary = []
    for x, y in shifted:
        d = ((model[tris][:, :, :2].mean(1) - (x, y)) ** 2).sum(1)
        b = rng.dirichlet([3, 3, 3])
        bary.append([int(d.argmin()), round(b[0], 4), round(b[1], 4)])
    angle = .3
    turn = np.array([[math.cos(angle), 0, math.sin(angle)], [0, 1, 0], [-math.sin(angle), 0, math.cos(angle)]])
    prediction = (7.7 * model @ turn.T + [12, -30, 55]).astype(np.float32).astype(float)

    def keys_of(v):
        return np.array([b0 * v[tris[t][0]] + b1 * v[tris[t][1]] + (1 - b0 - b1) * v[tris[t][2]] for t, b0, b1 in bary])

    mm = 8.9
    s, r, move = fit(keys_of(prediction)[GLOBAL], scan_keys[GLOBAL], True)
    aligned = s * prediction @ r.T + move
    errors, solves = [], []
    for region in range(4):
        scan, scan_tris = scans[region]
        chosen = RIGID[region]
        repeat = int(len(scan) / len(chosen) / (4 if region == CHEEK else 1))
        v, keys = align(aligned, keys_of(aligned)[chosen], tris, scan, scan_keys[chosen], repeat)
        soft = [int(((scan - scan_keys[k]) ** 2).sum(1).argmin()) for k in SOFT[region]]
        moved, count = deform(scan, scan_tris, closest(scan, v, tris), soft, keys_of(v)[SOFT[region]])
        errors.append(mm * np.sqrt(((closest(moved, v, tris) - scan) ** 2).sum(1)).mean())
        solves.append(count)
        print(region, len(scan), errors[-1], 'mm,', count, 'solves; before the deformation', mm * np.sqrt(((closest(scan, v, tris) - scan) ** 2).sum(1)).mean())

    def flat(a):
        return [float(str(np.float32(x))) if isinstance(x, float) else int(x) for x in np.asarray(a).ravel().tolist()]

    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'realy_reference.json'), 'w', encoding='utf-8') as f:
        json.dump({
            'millimetres_per_unit': mm, 'scale': s, 'errors': errors, 'keypoints': flat(scan_keys), 'prediction': flat(prediction), 'triangles': flat(tris),
            'barycentric': bary, 'regions': [{'positions': flat(v), 'triangles': flat(t)} for v, t in scans.values()],
        }, f)


main()
