using TorchSharp;
using static TorchSharp.torch;

namespace MoSar;

/// <summary>Tensors and networks to and from safetensors files.</summary>
public static class Weights
{
    /// <summary>A new CPU tensor with the file's type and values.</summary>
    public static Tensor ToTensor(this SafetensorsFile file, string name)
    {
        SafetensorsEntry e = file.Entry(name);
        Tensor t = empty(file.Shape(name), TypeOf(e.Type));
        file.Bytes(name).Span.CopyTo(t.bytes);
        return t;
    }

    /// <summary>All tensors of a file, by name; the caller disposes them.</summary>
    public static Dictionary<string, Tensor> LoadTensors(string path)
    {
        SafetensorsFile file = SafetensorsFile.Read(path);
        return file.Entries.ToDictionary(e => e.Name, e => file.ToTensor(e.Name));
    }

    /// <summary>Writes tensors of any device and layout.</summary>
    public static void SaveTensors(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var writer = new SafetensorsWriter();
        foreach ((string key, string value) in metadata ?? new Dictionary<string, string>())
            writer.Metadata[key] = value;
        foreach ((string name, Tensor t) in tensors)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor host = t.detach().cpu().contiguous();
            writer.AddBytes(name, TypeOf(host.dtype), host.shape, host.bytes.ToArray());
        }
        writer.Save(path);
    }

    /// <summary>Writes a network's parameters and persistent buffers.</summary>
    public static void SaveWeights(this nn.Module module, string path, IReadOnlyDictionary<string, string>? metadata = null) =>
        SaveTensors(path, module.state_dict(), metadata);

    /// <summary>
    /// Copies a file's values into a network, converting float types. Names and shapes must agree exactly; nothing is changed unless
    /// all do, and those that do not are listed at once (the first few of many).
    /// </summary>
    /// <param name="within">What the network's names begin with in the file, such as "shape." in a file of several networks; others are left aside.</param>
    /// <returns>The file's metadata.</returns>
    /// <exception cref="MoSarException">weights-missing, weights-truncated, weights-invalid, weights-mismatch.</exception>
    public static IReadOnlyDictionary<string, string> LoadWeights(this nn.Module module, string path, string within = "") =>
        module.LoadWeights(SafetensorsFile.Read(path), within);

    /// <summary>As above, of a file that was read already.</summary>
    /// <exception cref="MoSarException">weights-mismatch.</exception>
    public static IReadOnlyDictionary<string, string> LoadWeights(this nn.Module module, SafetensorsFile file, string within = "")
    {
        Dictionary<string, Tensor> own = module.state_dict().ToDictionary(t => within + t.Key, t => t.Value);
        List<string> problems = [];
        AddProblem(problems, "missing from the file", own.Keys.Where(k => !file.Contains(k)));
        AddProblem(problems, "not part of the network", file.Entries.Select(e => e.Name).Where(n => n.StartsWith(within, StringComparison.Ordinal) && !own.ContainsKey(n)));
        AddProblem(
            problems,
            "of another shape",
            own.Where(o => file.Contains(o.Key) && !file.Entry(o.Key).Shape.SequenceEqual(o.Value.shape))
                .Select(o => $"{o.Key} (file [{string.Join(", ", file.Shape(o.Key))}], network [{string.Join(", ", o.Value.shape)}])"));
        if (problems.Count > 0)
            throw new MoSarException("weights-mismatch", $"{file.Path} does not fit {module.GetName()}: {string.Join("; ", problems)}", "use the weights that belong to this network and version");
        using IDisposable frozen = no_grad();
        foreach ((string name, Tensor target) in own)
        {
            using Tensor value = file.ToTensor(name);
            target.copy_(value);
        }
        return file.Metadata;
    }

    private static void AddProblem(List<string> problems, string what, IEnumerable<string> names)
    {
        string[] all = names.Order(StringComparer.Ordinal).ToArray();
        if (all.Length == 0)
            return;

        // Enough to see what kind of file it is; weights of another network would list hundreds.
        const int Shown = 5;
        string more = all.Length > Shown ? $" and {all.Length - Shown} more" : "";
        problems.Add($"{what}: {string.Join(", ", all.Take(Shown))}{more}");
    }

    internal static ScalarType TypeOf(SafetensorsType type) => type switch
    {
        SafetensorsType.BOOL => ScalarType.Bool,
        SafetensorsType.U8 => ScalarType.Byte,
        SafetensorsType.I8 => ScalarType.Int8,
        SafetensorsType.I16 => ScalarType.Int16,
        SafetensorsType.I32 => ScalarType.Int32,
        SafetensorsType.I64 => ScalarType.Int64,
        SafetensorsType.F16 => ScalarType.Float16,
        SafetensorsType.BF16 => ScalarType.BFloat16,
        SafetensorsType.F32 => ScalarType.Float32,
        _ => ScalarType.Float64,
    };

    private static SafetensorsType TypeOf(ScalarType type) => type switch
    {
        ScalarType.Bool => SafetensorsType.BOOL,
        ScalarType.Byte => SafetensorsType.U8,
        ScalarType.Int8 => SafetensorsType.I8,
        ScalarType.Int16 => SafetensorsType.I16,
        ScalarType.Int32 => SafetensorsType.I32,
        ScalarType.Int64 => SafetensorsType.I64,
        ScalarType.Float16 => SafetensorsType.F16,
        ScalarType.BFloat16 => SafetensorsType.BF16,
        ScalarType.Float32 => SafetensorsType.F32,
        ScalarType.Float64 => SafetensorsType.F64,
        _ => throw new ArgumentException($"safetensors files hold no {type}"),
    };
}
