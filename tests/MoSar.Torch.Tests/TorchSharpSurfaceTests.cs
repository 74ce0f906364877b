using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Xunit.Sdk;

namespace MoSar.Torch.Tests;

/// <summary>
/// The binding must keep to signatures that TorchSharp has, or code above it would not compile against the NuGet packages.
/// Golden/torchsharp-surface.txt lists the members of ours that were found in TorchSharp's own assembly. To check anew and
/// rewrite it: <c>dotnet build build-support/App -p:TorchBackend=TorchSharp</c> restores the managed package; then
/// <c>TORCHSHARP_DLL=~/.nuget/packages/torchsharp/VERSION/lib/net8.0/TorchSharp.dll dotnet test tests/MoSar.Torch.Tests</c>.
/// </summary>
public sealed class TorchSharpSurfaceTests
{
    private static readonly string s_golden = Path.Combine(Path.GetDirectoryName(ThisFile())!, "Golden", "torchsharp-surface.txt");

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [Fact]
    public void Every_public_member_is_TorchSharps()
    {
        SortedSet<string> ours = Surface(typeof(torch).Assembly, t => t.Namespace?.StartsWith("TorchSharp", StringComparison.Ordinal) == true, BindingFlags.DeclaredOnly);
        if (Environment.GetEnvironmentVariable("TORCHSHARP_DLL") is { Length: > 0 } dll)
        {
            SortedSet<string> theirs = Surface(new AssemblyLoadContext("TorchSharp", isCollectible: false).LoadFromAssemblyPath(dll), _ => true, BindingFlags.FlattenHierarchy);
            Report(ours.Except(theirs));
            File.WriteAllLines(s_golden, ours);
        }
        Report(ours.Except(File.ReadAllLines(s_golden)));
    }

    private static void Report(IEnumerable<string> unknown)
    {
        string[] lines = unknown.ToArray();
        if (lines.Length > 0)
            throw new XunitException($"{lines.Length} public members are not known to be TorchSharp's:\n{string.Join('\n', lines)}");
    }

    /// <summary>The shared halves of Adam and AdamW, which TorchSharp writes twice; nothing above the binding names them.</summary>
    private static readonly string[] s_ownBases = ["TorchSharp.Modules.AdamBase", "TorchSharp.Modules.AdamOptions"];

    private static SortedSet<string> Surface(Assembly assembly, Func<Type, bool> wanted, BindingFlags depth)
    {
        Type?[] types;
        try
        {
            types = assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            types = e.Types;
        }
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Type t in types.OfType<Type>().Where(t => t.IsVisible && wanted(t) && !s_ownBases.Contains(t.FullName)))
        {
            try
            {
                AddMembers(t, lines, depth);
            }
            catch (Exception e) when (e is FileNotFoundException or TypeLoadException)
            {
                // A type of TorchSharp that needs SkiaSharp or protobuf, which nothing here uses.
            }
        }
        return lines;
    }

    private static void AddMembers(Type type, SortedSet<string> lines, BindingFlags depth)
    {
        string owner = Name(type);
        lines.Add(owner);
        // What TorchSharp inherits counts as the type's own: where in a hierarchy a member is declared makes no difference to a caller.
        BindingFlags flags = BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | depth;
        foreach (ConstructorInfo c in type.GetConstructors().Where(Usable))
            lines.Add($"{owner}: new({Parameters(c)})");
        foreach (FieldInfo f in type.GetFields(flags).Where(f => IsOurs(f.DeclaringType) && Usable(f)))
            lines.Add($"{owner}: {Name(f.FieldType)} {f.Name}" + (type.IsEnum && f.IsLiteral ? $" = {f.GetRawConstantValue()}" : ""));
        foreach (PropertyInfo p in type.GetProperties(flags).Where(p => IsOurs(p.DeclaringType) && Usable(p)))
        {
            string index = p.GetIndexParameters().Length > 0 ? $"[{string.Join(", ", p.GetIndexParameters().Select(i => Name(i.ParameterType)))}]" : "";
            if (p.GetMethod?.IsPublic == true)
                lines.Add($"{owner}: {Name(p.PropertyType)} {p.Name}{index} get");
            if (p.SetMethod?.IsPublic == true)
                lines.Add($"{owner}: {Name(p.PropertyType)} {p.Name}{index} set");
        }
        foreach (MethodInfo m in type.GetMethods(flags).Where(m => IsOurs(m.DeclaringType) && Usable(m) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal))))
        {
            if (m.GetBaseDefinition().DeclaringType == typeof(object) || m.Name is "Equals" or "GetHashCode" or "ToString")
                continue;
            string generic = m.IsGenericMethod ? $"<{m.GetGenericArguments().Length}>" : "";
            lines.Add($"{owner}: {Name(m.ReturnType)} {m.Name}{generic}({Parameters(m)})");
        }
    }

    /// <summary>TorchSharp marks what it has not written yet as obsolete, and warnings are errors here.</summary>
    private static bool Usable(MemberInfo m) => !m.IsDefined(typeof(ObsoleteAttribute), inherit: false);

    private static bool IsOurs(Type? t) => t?.Namespace?.StartsWith("TorchSharp", StringComparison.Ordinal) == true;

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        (p.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "") + Name(p.ParameterType) + " " + p.Name + (p.HasDefaultValue ? " = " + Default(p) : "")));

    private static string Default(ParameterInfo p) => p.RawDefaultValue switch
    {
        null => "null",
        IFormattable f => f.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        var v => v.ToString()!,
    };

    private static string Name(Type t)
    {
        if (t.IsByRef)
            return "ref " + Name(t.GetElementType()!);
        if (t.IsArray)
            return $"{Name(t.GetElementType()!)}[{new string(',', t.GetArrayRank() - 1)}]";
        if (t.IsGenericParameter)
            return t.DeclaringMethod is null ? $"!{t.GenericParameterPosition}" : $"!!{t.GenericParameterPosition}";
        if (!t.IsGenericType)
            return Short(t.FullName ?? t.Name);
        return $"{Short(t.GetGenericTypeDefinition().FullName!)}<{string.Join(", ", t.GetGenericArguments().Select(Name))}>";
    }

    private static string Short(string name) => name.Replace("TorchSharp.", "").Replace("torch+", "").Replace("System.", "").Replace("Collections.Generic.", "");
}
