using System.Numerics;

namespace MoSar.LightStage;

/// <summary>Traces one tile after another; one of these a thread, with all the memory that a tile needs.</summary>
internal sealed class TileTracer
{
    // A strand that lies behind other strands still gets light through them.
    private const float ThroughHair = 0.3f;

    private readonly TileJob _job;
    private readonly int _perPixel;
    private readonly Vector3[] _origin;
    private readonly Vector3[] _direction;
    private readonly Surface[] _surface;
    private readonly float[] _distance;
    private readonly byte[] _seen;
    private readonly HitBuffers _hits;
    private readonly HitBuffers _nearest;
    private readonly int[] _nearestBody;
    private readonly (int X, int Y)[] _place;
    private readonly List<int> _live = [];
    private readonly RayList _rays;
    private readonly PixelLight[] _pixels = new PixelLight[StageRenderer.Tile * StageRenderer.Tile];

    public TileTracer(TileJob job)
    {
        _job = job;
        _perPixel = job.Settings.SamplesPerPixel;
        var n = StageRenderer.Tile * StageRenderer.Tile * _perPixel;
        (_origin, _direction, _surface, _distance, _seen) = (new Vector3[n], new Vector3[n], new Surface[n], new float[n], new byte[n]);
        (_hits, _nearest, _nearestBody, _rays, _place) = (new HitBuffers(n), new HitBuffers(n), new int[n], new RayList(n), new (int, int)[n]);
        Array.Fill(_origin, job.Eye);
    }

    public long Rays { get; private set; }

    private struct PixelLight
    {
        public Vector3 Open;
        public Vector3 All;
        public Vector3 Bounced;
        public int Hemisphere;
    }

    private int _x0;
    private int _y0;
    private int _columns;

    public void Run(int x0, int y0)
    {
        var frame = _job.Frame;
        (_x0, _y0, _columns) = (x0, y0, Math.Min(StageRenderer.Tile, frame.Width - x0));
        var rows = Math.Min(StageRenderer.Tile, frame.Height - y0);
        var n = _columns * rows * _perPixel;
        if (!_job.Seen.Any(b => IsSeen(b)))
        {
            Background(_columns * rows);
            return;
        }

        Array.Clear(_pixels);
        Look(n);
        if (_live.Count > 0)
        {
            Shine();
            Glint();
        }

        Gather(n);
        Label(_columns * rows);
    }

    private bool IsSeen((float Left, float Top, float Right, float Bottom) body) =>
        body.Left <= _x0 + StageRenderer.Tile && body.Right >= _x0 && body.Top <= _y0 + StageRenderer.Tile && body.Bottom >= _y0;

    // A tile with nothing before it.
    private void Background(int pixels)
    {
        for (var i = 0; i < pixels; i++)
        {
            var (x, y) = (_x0 + (i % _columns), _y0 + (i / _columns));
            Add(_job.Frame.Colour, x, y, _job.Behind(x, y, _job.Ray(x + 0.5f, y + 0.5f)));
        }
    }

    private (int X, int Y) Pixel(int sample) => _place[sample];

    private float Hash(int sample, int purpose)
    {
        var (x, y) = Pixel(sample);
        return Noise.Hash(x, y, purpose, (uint)_job.Settings.Seed);
    }

    // Camera rays and what they see.
    private void Look(int n)
    {
        var grid = _job.Grid;
        for (var i = 0; i < n; i++)
        {
            var (pixel, s) = Math.DivRem(i, _perPixel);
            var (x, y) = _place[i] = (_x0 + (pixel % _columns), _y0 + (pixel / _columns));
            var (a, b) = (Hash(i, 100 + (2 * s)), Hash(i, 101 + (2 * s)));
            _direction[i] = _job.Ray(x + (((s % grid) + a) / grid), y + (((s / grid) + b) / grid));
            _seen[i] = 0;
        }

        Nearest(n);
        _live.Clear();
        var pitch = 1 / ((float)_job.Camera.Fx * grid);
        for (var i = 0; i < n; i++)
        {
            if (_nearestBody[i] < 0)
            {
                continue;
            }

            var body = _job.Bodies[_nearestBody[i]];
            var position = _job.Eye + (_nearest.Distance[i] * _direction[i]);
            _distance[i] = _job.Depth(position);
            _surface[i] = body.At(_nearest.Triangle[i], _nearest.U[i], _nearest.V[i], position, -_direction[i], _distance[i] * pitch);
            _seen[i] |= (byte)(!body.BelongsToHead ? 2 : _surface[i].Kind == SurfaceKind.Skin ? 4 : 0);
        }

        // All first samples, then all second ones: neighbours in the list then have the same stratum of light, and so rays that go alike.
        for (var s = 0; s < _perPixel; s++)
        {
            for (var i = s; i < n; i += _perPixel)
            {
                if (_nearestBody[i] >= 0)
                {
                    _live.Add(i);
                }
            }
        }
    }

    private void Nearest(int n)
    {
        _nearestBody.AsSpan(0, n).Fill(-1);
        for (var b = 0; b < _job.Bodies.Length; b++)
        {
            if (!IsSeen(_job.Seen[b]))
            {
                continue;
            }

            var target = b == 0 ? _nearest : _hits;
            _job.Settings.Recorder?.Add(_job.Bodies[b], _origin, _direction, n, closest: true);
            _job.Bodies[b].Rays.ClosestInto(_origin.AsSpan(0, n), _direction.AsSpan(0, n), target.Triangle, target.Distance, target.U, target.V, near: 1, coherent: true);
            Rays += n;
            var head = b == 0 && _job.Scene.Head is not null;
            for (var i = 0; i < n; i++)
            {
                if (target.Triangle[i] < 0 || (_nearestBody[i] >= 0 && target.Distance[i] >= _nearest.Distance[i]))
                {
                    continue;
                }

                _nearestBody[i] = b;
                _seen[i] |= (byte)(head ? 1 : 0);
                if (b > 0)
                {
                    (_nearest.Triangle[i], _nearest.Distance[i], _nearest.U[i], _nearest.V[i]) = (target.Triangle[i], target.Distance[i], target.U[i], target.V[i]);
                }
            }
        }
    }

    // Matt light: directions from the sky and from the hemisphere in turn.
    private void Shine()
    {
        var (settings, light) = (_job.Settings, _job.Light);
        var strata = Math.Max(1, settings.Lights / 2);
        var perSample = Math.Max(1, (2 * strata) / _perPixel);
        var samples = light.Environment.Samples;
        for (var j = 0; j < perSample; j++)
        {
            _rays.Clear();
            foreach (var i in _live)
            {
                ref var s = ref _surface[i];
                var order = ((i % _perPixel) * perSample) + j;
                var stratum = (order / 2) % strata;
                var hemisphere = (order & 1) == 1;
                var hair = s.Kind == SurfaceKind.Hair;
                if (hair && hemisphere)
                {
                    // A thread has no hemisphere: the sky's own directions do, each for two.
                    continue;
                }

                Vector3 direction, radiance;
                float density;
                if (hemisphere)
                {
                    _pixels[i / _perPixel].Hemisphere++;
                    var (a, b) = ((stratum + Hash(i, 7)) / strata, Hash(i, 8) + (stratum * 0.61803399f));
                    var (sin, cos) = MathF.SinCos(MathF.Tau * b);
                    var r = MathF.Sqrt(a);
                    direction = new Frame(s.Normal).Out(new Vector3(r * cos, r * sin, MathF.Sqrt(1 - a)));
                    (radiance, density) = light.Environment.At(light.Into(direction));
                }
                else
                {
                    var pick = samples[StageEnvironment.Pick(stratum, strata, Hash(i, 20 + stratum))];
                    (direction, radiance, density) = (light.OutOf(pick.Direction), pick.Radiance, pick.Density);
                }

                if (hair)
                {
                    _rays.Add(i, s.Start, direction, radiance * Strandlike(s, direction) * (2 * light.Exposure / (density * perSample * _perPixel)), hemisphere);
                    continue;
                }

                var facing = Vector3.Dot(s.Normal, direction);
                if (facing > 0)
                {
                    var weight = 1 / ((0.5f * density) + (0.5f * facing / MathF.PI));
                    _rays.Add(i, s.Start, direction, radiance * (facing * weight), hemisphere);
                }
            }

            Cast(hemisphere: (perSample & 1) == 1 || (j & 1) == 1);
        }
    }

    // Shadow rays of one direction each, and what comes of them.
    private void Cast(bool hemisphere)
    {
        var n = _rays.Count;
        for (var k = 0; k < n; k++)
        {
            ref var pixel = ref _pixels[_rays.Sample[k] / _perPixel];
            if (_surface[_rays.Sample[k]].Kind != SurfaceKind.Hair)
            {
                pixel.All += _rays.Light[k];
            }
        }

        // Only what the hemisphere's rays end on is asked for.
        var bounce = hemisphere && _job.Exitant is not null;
        if (_job.Exitant is { } exitant && bounce)
        {
            Bounce(exitant);
        }

        TestBodies(bounce ? 1 : 0);
        for (var k = 0; k < n; k++)
        {
            var i = _rays.Sample[k];
            if (_rays.Blocked[k] == RayList.Solid)
            {
                continue;
            }

            if (_surface[i].Kind == SurfaceKind.Hair)
            {
                var through = _rays.Blocked[k] == 0 ? 1 : ThroughHair;
                var (x, y) = Pixel(i);
                Add(_job.Frame.Colour, x, y, _rays.Light[k] * through);
            }
            else if (_rays.Blocked[k] == 0)
            {
                _pixels[i / _perPixel].Open += _rays.Light[k];
            }
        }
    }

    // Rays of the hemisphere that end on the head bring what it throws back.
    private void Bounce(Vector3[] exitant)
    {
        var n = _rays.Count;
        var head = _job.Scene.Head!;
        _job.Settings.Recorder?.Add(head, _rays.Origin, _rays.Direction, n, closest: true);
        head.Rays.ClosestInto(_rays.Origin.AsSpan(0, n), _rays.Direction.AsSpan(0, n), _hits.Triangle, _hits.Distance, _hits.U, _hits.V);
        Rays += n;
        for (var k = 0; k < n; k++)
        {
            if (_hits.Triangle[k] < 0)
            {
                continue;
            }

            _rays.Blocked[k] = RayList.Solid;
            var i = _rays.Sample[k];
            if (_rays.Hemisphere[k] && _surface[i].Kind != SurfaceKind.Hair)
            {
                _pixels[i / _perPixel].Bounced += head.Interpolate(exitant, _hits.Triangle[k], _hits.U[k], _hits.V[k]);
            }
        }
    }

    private void TestBodies(int first)
    {
        for (var b = first; b < _job.Bodies.Length; b++)
        {
            Rays += _rays.Test(_job.Bodies[b], _job.Settings.Recorder);
        }
    }

    // Mirrored light.
    private void Glint()
    {
        var settings = _job.Settings;
        var perSample = Math.Max(1, settings.Highlights / _perPixel);
        var count = perSample * _perPixel;
        for (var j = 0; j < perSample; j++)
        {
            _rays.Clear();
            foreach (var i in _live)
            {
                ref var s = ref _surface[i];
                if (s.Kind == SurfaceKind.Hair || s.F0 <= 0)
                {
                    continue;
                }

                var wet = s.Kind == SurfaceKind.Eye;
                var order = ((i % _perPixel) * perSample) + j;

                // Skin's second, sharper lobe is its oil.
                var sharp = s.Kind is SurfaceKind.Skin or SurfaceKind.OtherSkin && order % 4 == 3;
                var alpha = wet ? 0.0016f : sharp ? 0.45f * s.Alpha : s.Alpha;
                var frame = new Frame(s.Normal);
                var view = frame.Into(s.View);
                view.Z = MathF.Max(view.Z, 0.02f);
                var (a, b) = ((order + Hash(i, 11)) / count, Fraction(Hash(i, 12) + (order * 0.61803399f)));
                var half = Microfacet.VisibleNormal(view, alpha, a, b);
                var reflected = (2 * Vector3.Dot(view, half) * half) - view;
                if (reflected.Z <= 0)
                {
                    continue;
                }

                var cos = Vector3.Dot(view, half);
                var density = Microfacet.VisibleDensity(half.Z, view.Z, alpha);
                var direction = frame.Out(reflected);

                // Twice as wide as its share: neighbouring pixels' samples overlap, and a sun does not sparkle.
                var radiance = _job.Surroundings(direction, (wet ? 1 : 4) / (count * density));
                var share = Microfacet.Fresnel(s.F0, cos) * Microfacet.VisibleMasking(reflected.Z, view.Z, alpha) / count;
                _rays.Add(i, s.Start, direction, (wet ? Vector3.Min(radiance, new Vector3(60)) : radiance) * share, false);
            }

            TestBodies(0);
            for (var k = 0; k < _rays.Count; k++)
            {
                if (_rays.Blocked[k] != 0)
                {
                    continue;
                }

                var (x, y) = Pixel(_rays.Sample[k]);
                if (_surface[_rays.Sample[k]].Kind == SurfaceKind.Eye)
                {
                    Add(_job.Frame.Colour, x, y, _rays.Light[k]);
                }
                else
                {
                    _job.Frame.Mirrored[(y * _job.Frame.Width) + x] += _rays.Light[k];
                }
            }
        }
    }

    // Marschner's lobes in Kajiya and Kay's frame: matt, a white highlight towards the root and a coloured one towards the tip.
    private static Vector3 Strandlike(in Surface s, Vector3 light)
    {
        float tl = Vector3.Dot(s.Normal, light), tv = Vector3.Dot(s.Normal, s.View);
        float sinL = MathF.Sqrt(MathF.Max(0, 1 - (tl * tl))), sinV = MathF.Sqrt(MathF.Max(0, 1 - (tv * tv)));
        var angle = MathF.Asin(Math.Clamp(tl, -1, 1)) + MathF.Asin(Math.Clamp(tv, -1, 1));
        static float Lobe(float x, float width) => MathF.Exp(-x * x / (2 * width * width)) / width;
        var around = 0.5f + (0.5f * (Vector3.Dot(light, s.View) - (tl * tv)) / MathF.Max(1e-3f, sinL * sinV));
        var matt = s.Albedo * (sinL * (0.09f + (0.16f * around)));
        return matt + new Vector3(0.0042f * Lobe(angle + 0.10f, 0.14f) * sinV * (0.4f + (0.6f * around)))
            + (Vector3.SquareRoot(s.Albedo) * (0.016f * Lobe(angle - 0.16f, 0.26f) * sinV));
    }

    // Camera samples become pixels.
    private void Gather(int n)
    {
        var (frame, light, share) = (_job.Frame, _job.Light, 1f / _perPixel);
        var (behindOf, behind) = (-1, Vector3.Zero);
        for (var i = 0; i < n; i++)
        {
            var (x, y) = Pixel(i);
            var at = (y * frame.Width) + x;
            var mask = frame.Mask.Pixels.AsSpan(at * 3, 3);
            mask[0] += (_seen[i] & 1) * share;
            mask[1] += ((_seen[i] >> 1) & 1) * share;
            mask[2] += ((_seen[i] >> 2) & 1) * share;
            if (_nearestBody[i] < 0)
            {
                // One look a pixel: what is behind is blurred.
                if (i / _perPixel != behindOf)
                {
                    (behindOf, behind) = (i / _perPixel, _job.Behind(x, y, _direction[i]) * share);
                }

                Add(frame.Colour, x, y, behind);
                continue;
            }

            ref var s = ref _surface[i];
            if (s.Kind == SurfaceKind.Hair)
            {
                continue;
            }

            var unshadowed = light.Environment.Irradiance(light.Into(s.Normal)) * (light.Exposure * share / MathF.PI);
            if (s.Kind is SurfaceKind.Skin or SurfaceKind.OtherSkin)
            {
                Add(frame.Below, x, y, unshadowed);
                Add(frame.Albedo, x, y, s.Albedo * share);
                frame.Cover[at] += share;
            }
            else
            {
                Add(frame.Matt, x, y, unshadowed * s.Albedo);
                Add(frame.MattAlbedo, x, y, s.Albedo * share);
            }

            frame.Depth[at] += new Vector2(_distance[i] * share, share);
            frame.Facing[at] += s.Smooth;
            var pixel = _pixels[i / _perPixel];
            (frame.Open[at], frame.All[at], frame.Bounced[at]) = (pixel.Open, pixel.All, pixel.Bounced / Math.Max(1, pixel.Hemisphere));
        }
    }

    // Exact labels on the ray through each pixel's centre.
    private void Label(int pixels)
    {
        if (_job.Scene.Head is not { } head)
        {
            return;
        }

        // Where no sample met the head there is none.
        var n = 0;
        for (var i = 0; i < pixels; i++)
        {
            var (x, y) = (_x0 + (i % _columns), _y0 + (i / _columns));
            if (_job.Frame.Mask[x, y, 0] > 0)
            {
                _place[n] = (x, y);
                _direction[n++] = _job.Ray(x + 0.5f, y + 0.5f);
            }
        }

        head.Rays.ClosestInto(_origin.AsSpan(0, n), _direction.AsSpan(0, n), _hits.Triangle, _hits.Distance, _hits.U, _hits.V, near: 1, coherent: true);
        Rays += n;
        for (var i = 0; i < n; i++)
        {
            var triangle = _hits.Triangle[i];
            if (triangle < 0)
            {
                continue;
            }

            var (u, v) = (_hits.U[i], _hits.V[i]);
            var (x, y) = _place[i];
            Add(_job.Frame.Position, x, y, _job.Eye + (_hits.Distance[i] * _direction[i]));
            Add(_job.Frame.Normal, x, y, head.Normal(triangle, u, v));
            Add(_job.Frame.Uv, x, y, new Vector3(head.Uv(triangle, u, v), 0));
        }
    }

    private static float Fraction(float x) => x - MathF.Floor(x);

    private static void Add(Image image, int x, int y, Vector3 value)
    {
        var target = image.Pixels.AsSpan(((y * image.Width) + x) * 3, 3);
        (new Vector3(target) + value).CopyTo(target);
    }
}

/// <summary>Closest hits, structure of arrays.</summary>
internal sealed class HitBuffers(int count)
{
    public int[] Triangle { get; } = new int[count];

    public float[] Distance { get; } = new float[count];

    public float[] U { get; } = new float[count];

    public float[] V { get; } = new float[count];
}

/// <summary>Rays that each carry light to a camera sample, and what was found in their way.</summary>
internal sealed class RayList(int capacity)
{
    public const byte Strands = 1;
    public const byte Solid = 2;

    private readonly Vector3[] _openOrigin = new Vector3[capacity];
    private readonly Vector3[] _openDirection = new Vector3[capacity];
    private readonly int[] _open = new int[capacity];
    private readonly Vector3[] _inverse = new Vector3[capacity];
    private readonly byte[] _result = new byte[capacity];

    public int Count { get; private set; }

    public int[] Sample { get; } = new int[capacity];

    public Vector3[] Origin { get; } = new Vector3[capacity];

    public Vector3[] Direction { get; } = new Vector3[capacity];

    public Vector3[] Light { get; } = new Vector3[capacity];

    public bool[] Hemisphere { get; } = new bool[capacity];

    /// <summary>0, <see cref="Strands"/> or <see cref="Solid"/>.</summary>
    public byte[] Blocked { get; } = new byte[capacity];

    public void Clear() => Count = 0;

    public void Add(int sample, Vector3 origin, Vector3 direction, Vector3 light, bool hemisphere)
    {
        var k = Count++;
        (Sample[k], Origin[k], Direction[k], Light[k], Hemisphere[k], Blocked[k]) = (sample, origin, direction, light, hemisphere, 0);
        _inverse[k] = Vector3.One / direction;
    }

    /// <summary>Tests the rays that nothing solid stops yet; returns how many those were.</summary>
    public int Test(StageBody body, RayRecorder? recorder)
    {
        var (n, bounds) = (0, body.Bounds);
        for (var k = 0; k < Count; k++)
        {
            if (Blocked[k] != Solid && !(Blocked[k] == Strands && body.IsHair) && bounds.IsHit(Origin[k], _inverse[k]))
            {
                (_openOrigin[n], _openDirection[n], _open[n]) = (Origin[k], Direction[k], k);
                n++;
            }
        }

        recorder?.Add(body, _openOrigin, _openDirection, n, closest: false);
        body.Rays.OccludedInto(_openOrigin.AsSpan(0, n), _openDirection.AsSpan(0, n), _result);
        var mark = body.IsHair ? Strands : Solid;
        for (var k = 0; k < n; k++)
        {
            if (_result[k] != 0)
            {
                Blocked[_open[k]] = mark;
            }
        }

        return n;
    }
}
