namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public enum Reduction : long { None = 0, Mean = 1, Sum = 2 }

        /// <summary>Network operations without state.</summary>
        public static class functional
        {
            private static readonly long[] s_ones = [1, 1];
            private static readonly long[] s_zeros = [0, 0];

            private static long[] Pair((long, long) v) => [v.Item1, v.Item2];

            private static long[]? Pair((long, long)? v) => v is { } p ? [p.Item1, p.Item2] : null;

            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                Aten.conv2d.Call(input, weight, bias, strides ?? s_ones, padding ?? s_zeros, dilation ?? s_ones, groups);

            public static Tensor conv2d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null, long groups = 1) =>
                Aten.conv2d_padding.Call(input, weight, bias, strides ?? s_ones, padding == Padding.Same ? "same" : "valid", dilation ?? s_ones, groups);

            public static Tensor conv1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null, long groups = 1) =>
                Aten.conv1d.Call(input, weight, bias, new[] { stride ?? 1 }, new[] { padding ?? 0 }, new[] { dilation ?? 1 }, groups);

            public static Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1) =>
                Aten.conv_transpose2d_input.Call(input, weight, bias, strides ?? s_ones, padding ?? s_zeros, output_padding ?? s_zeros, groups, dilation ?? s_ones);

            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Aten.linear.Call(input, weights, bias);

            public static Tensor max_pool2d(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                Aten.max_pool2d.Call(input, kernel_size, strides ?? kernel_size, padding ?? s_zeros, dilation ?? s_ones, ceil_mode);

            public static Tensor max_pool2d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                max_pool2d(input, [kernel_size, kernel_size], Square(stride), Square(padding), Square(dilation), ceil_mode);

            public static Tensor max_pool2d(Tensor input, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, bool ceil_mode = false) =>
                max_pool2d(input, Pair(kernel_size), Pair(stride), Pair(padding), Pair(dilation), ceil_mode);

            public static (Tensor output, Tensor indices) max_pool2d_with_indices(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                Aten.max_pool2d_with_indices.Call2(input, kernel_size, strides ?? kernel_size, padding ?? s_zeros, dilation ?? s_ones, ceil_mode);

            public static Tensor avg_pool2d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                Aten.avg_pool2d.Call(input, kernel_size, stride ?? kernel_size, padding ?? s_zeros, ceil_mode, count_include_pad, divisor_override);

            public static Tensor avg_pool2d(Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                avg_pool2d(input, [kernel_size, kernel_size], Square(stride), [padding, padding], ceil_mode, count_include_pad, divisor_override);

            public static Tensor avg_pool2d(Tensor input, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                avg_pool2d(input, Pair(kernel_size), Pair(stride), Pair(padding), ceil_mode, count_include_pad, divisor_override);

            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) => Aten.adaptive_avg_pool2d.Call(input, output_size);

            public static Tensor adaptive_avg_pool2d(Tensor input, (long, long) output_size) => adaptive_avg_pool2d(input, Pair(output_size));

            public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) => adaptive_avg_pool2d(input, [output_size, output_size]);

            public static Tensor adaptive_max_pool2d(Tensor input, long[] output_size)
            {
                (Tensor values, Tensor indices) = Aten.adaptive_max_pool2d.Call2(input, output_size);
                indices.Dispose();
                return values;
            }

            private static long[]? Square(long? v) => v is { } s ? [s, s] : null;

            public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-05) =>
                Aten.batch_norm.Call(input, weight, bias, running_mean, running_var, training, momentum, eps, true);

            public static Tensor instance_norm(Tensor input, Tensor? running_mean = null, Tensor? running_var = null, Tensor? weight = null, Tensor? bias = null, bool use_input_stats = true, double momentum = 0.1, double eps = 1e-05) =>
                Aten.instance_norm.Call(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, true);

            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05) => Aten.group_norm.Call(input, num_groups, weight, bias, eps);

            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05) => Aten.layer_norm.Call(input, normalized_shape, weight, bias, eps);

            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1e-12)
            {
                using Tensor norm = Aten.norm_ScalarOpt_dim.Call(input, p, new[] { dim }, true);
                using Tensor floor = norm.clamp_min(eps);
                return input / floor;
            }

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => inplace ? Aten.dropout_.CallInPlace(input, p, training) : Aten.dropout.Call(input, p, training);

            public static Tensor dropout2d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => inplace ? Aten.feature_dropout_.CallInPlace(input, p, training) : Aten.feature_dropout.Call(input, p, training);

            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_() : x.relu();
            public static Tensor relu6(Tensor x, bool inplace = false) => inplace ? x.relu6_() : x.relu6();
            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) => inplace ? input.leaky_relu_(negative_slope) : input.leaky_relu(negative_slope);
            public static Tensor elu(Tensor x, double alpha, bool inplace = false) => inplace ? x.elu_(alpha) : x.elu(alpha);
            public static Tensor selu(Tensor x, bool inplace = false) => x.selu();
            public static Tensor gelu(Tensor x) => x.gelu();
            public static Tensor gelu(Tensor x, bool inplace) => x.gelu();
            public static Tensor gelu(Tensor x, Modules.GELU.Approximate approximate, bool inplace = false) => x.gelu(approximate);
            public static Tensor silu(Tensor x, bool inplace = false) => inplace ? x.silu_() : x.silu();
            public static Tensor sigmoid(Tensor x) => x.sigmoid();
            public static Tensor sigmoid(Tensor x, bool inplace) => inplace ? x.sigmoid_() : x.sigmoid();
            public static Tensor tanh(Tensor x, bool inplace = false) => inplace ? x.tanh_() : x.tanh();
            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) => x.softplus(beta, threshold);
            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);
            public static Tensor logsigmoid(Tensor x) => x.log_sigmoid();
            public static Tensor hardtanh(Tensor x, double min_val = -1, double max_val = 1, bool inplace = false) => x.hardtanh(min_val, max_val);
            public static Tensor prelu(Tensor input, Tensor weight) => input.prelu(weight);

            public static Tensor pixel_shuffle(Tensor input, long upscale_factor) => Aten.pixel_shuffle.Call(input, upscale_factor);
            public static Tensor pixel_unshuffle(Tensor input, long downscale_factor) => Aten.pixel_unshuffle.Call(input, downscale_factor);

            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                Aten.pad.Call(input, pad, mode is PaddingModes.Constant or PaddingModes.Zeros ? "constant" : mode.ToString().ToLowerInvariant(), mode is PaddingModes.Constant ? value : Arg.None);

            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => functional.pad(input, [pad.Item1, pad.Item2], mode, value);
            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => functional.pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);
            public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => functional.pad(input, [pad, pad], mode, value);

            /// <summary>Samples images [N, C, H, W] at a grid [N, h, w, 2] of (x, y) in −1…1.</summary>
            public static Tensor grid_sample(Tensor input, Tensor grid, GridSampleMode mode = GridSampleMode.Bilinear, GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros, bool? align_corners = null) =>
                Aten.grid_sampler.Call(
                    input,
                    grid,
                    mode == GridSampleMode.Bilinear ? 0 : 1,
                    padding_mode switch { GridSamplePaddingMode.Zeros => 0, GridSamplePaddingMode.Border => 1, _ => 2 },
                    align_corners ?? false);

            public static Tensor affine_grid(Tensor theta, long[]? size = null, bool align_corners = false) => Aten.affine_grid_generator.Call(theta, size, align_corners);

            public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
            {
                double[]? scales = scale_factor is { Length: 1 } ? [.. Enumerable.Repeat(scale_factor[0], (int)x.dim() - 2)] : scale_factor;
                if (recompute_scale_factor && scales is not null)
                {
                    long[] from = x.shape;
                    size = scales.Select((s, d) => (long)Math.Floor(from[d + 2] * s)).ToArray();
                    scales = null;
                }
                if (antialias)
                {
                    Operator op = mode switch
                    {
                        InterpolationMode.Bilinear => Aten._upsample_bilinear2d_aa_vec,
                        InterpolationMode.Bicubic => Aten._upsample_bicubic2d_aa_vec,
                        _ => throw new ArgumentException("antialias needs Bilinear or Bicubic"),
                    };
                    return op.Call(x, size, align_corners ?? false, scales);
                }
                switch ((mode, x.dim()))
                {
                    case (InterpolationMode.Nearest, 4): return Aten.upsample_nearest2d_vec.Call(x, size, scales);
                    case (InterpolationMode.NearestExact, 4): return Aten._upsample_nearest_exact2d_vec.Call(x, size, scales);
                    case (InterpolationMode.Bilinear, 4): return Aten.upsample_bilinear2d_vec.Call(x, size, align_corners ?? false, scales);
                    case (InterpolationMode.Bicubic, 4): return Aten.upsample_bicubic2d_vec.Call(x, size, align_corners ?? false, scales);
                    case (InterpolationMode.Nearest, 3): return Aten.upsample_nearest1d_vec.Call(x, size, scales);
                    case (InterpolationMode.Linear, 3): return Aten.upsample_linear1d_vec.Call(x, size, align_corners ?? false, scales);
                    case (InterpolationMode.Trilinear, 5): return Aten.upsample_trilinear3d_vec.Call(x, size, align_corners ?? false, scales);
                    case (InterpolationMode.Area, 4): return adaptive_avg_pool2d(x, size ?? scales!.Select((s, d) => (long)Math.Floor(x.shape[d + 2] * s)).ToArray());
                    default: throw new ArgumentException($"no {mode} interpolation of a tensor with {x.dim()} dimensions");
                }
            }

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Aten.mse_loss.Call(input, target, (long)reduction);
            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Aten.l1_loss.Call(input, target, (long)reduction);
            public static Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1) => Aten.smooth_l1_loss.Call(input, target, (long)reduction, beta);
            public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1, Reduction reduction = Reduction.Mean) => Aten.huber_loss.Call(input, target, (long)reduction, delta);

            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0) =>
                Aten.cross_entropy_loss.Call(input, target, weight, (long)reduction, ignore_index, label_smoothing);

            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) => Aten.nll_loss_nd.Call(input, target, weight, (long)reduction);
            public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean) => Aten.kl_div.Call(input, target, (long)reduction, log_target);
            public static Tensor binary_cross_entropy(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) => Aten.binary_cross_entropy.Call(input, target, weight, (long)reduction);

            public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) =>
                Aten.binary_cross_entropy_with_logits.Call(input, target, weight, pos_weights, (long)reduction);

            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-08) => Aten.cosine_similarity.Call(x1, x2, dim, eps);
            public static Tensor one_hot(Tensor x, long num_classes = -1) => Aten.one_hot.Call(x, num_classes);

            public static Tensor unfold(Tensor input, long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                Aten.im2col.Call(input, new[] { kernel_size, kernel_size }, new[] { dilation, dilation }, new[] { padding, padding }, new[] { stride, stride });
        }
    }
}
