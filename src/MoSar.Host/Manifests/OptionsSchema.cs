using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace MoSar.Host.Manifests;

/// <summary>One manifest key of an options record.</summary>
/// <param name="Key">snake_case.</param>
/// <param name="Property">The record's property.</param>
/// <param name="Type">Its type without the nullable wrapper.</param>
/// <param name="IsRequired">Has [Required] or the <c>required</c> modifier.</param>
/// <param name="Rules">DataAnnotations.</param>
/// <param name="PathRule">Set when the value is a path.</param>
/// <param name="Description">From [Description], else empty.</param>
internal sealed record OptionKey(
    string Key, PropertyInfo Property, Type Type, bool IsRequired, IReadOnlyList<ValidationAttribute> Rules, ManifestPathAttribute? PathRule, string Description)
{
    /// <summary>The init properties of a record, in the order they are written.</summary>
    public static IReadOnlyList<OptionKey> Of(Type record) =>
        [.. record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite && p.GetIndexParameters().Length == 0).Select(Make)];

    public bool IsNullable =>
        Nullable.GetUnderlyingType(Property.PropertyType) is not null
        || (!Property.PropertyType.IsValueType && new NullabilityInfoContext().Create(Property).WriteState == NullabilityState.Nullable);

    private static OptionKey Make(PropertyInfo property) => new(
        SnakeCase.FromPascal(property.Name),
        property,
        Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType,
        property.IsDefined(typeof(RequiredAttribute)) || property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute)),
        [.. property.GetCustomAttributes<ValidationAttribute>()],
        property.GetCustomAttribute<ManifestPathAttribute>(),
        property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? string.Empty);
}

/// <summary>How C# types look in a manifest.</summary>
internal static class OptionTypes
{
    /// <summary>The element type of a list option; null when it is none.</summary>
    public static Type? ElementOf(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) && type.GetGenericArguments().Length == 1 ? type.GetGenericArguments()[0]
        : null;

    /// <summary>The value type of a dictionary option with text keys; null when it is none.</summary>
    public static Type? ValueOf(Type type) =>
        type.IsGenericType && type.GetGenericArguments() is [var key, var value] && key == typeof(string)
            && type.IsAssignableFrom(typeof(Dictionary<,>).MakeGenericType(key, value)) ? value : null;

    public static bool IsWhole(Type type) => type == typeof(int) || type == typeof(long);

    public static bool IsReal(Type type) => type == typeof(float) || type == typeof(double);

    /// <summary>For messages.</summary>
    public static string Name(Type type) =>
        IsWhole(type) ? "a whole number"
        : IsReal(type) ? "a number"
        : type == typeof(bool) ? "true or false"
        : type == typeof(string) ? "a text"
        : type.IsEnum ? "one of " + string.Join(", ", EnumNames(type))
        : ValueOf(type) is { } value ? $"a group of names, each with {Name(value)}"
        : ElementOf(type) is { } element ? $"a list, each item {Name(element)}"
        : "a group of keys";

    public static IEnumerable<string> EnumNames(Type type) => Enum.GetNames(type).Select(SnakeCase.FromPascal);
}
