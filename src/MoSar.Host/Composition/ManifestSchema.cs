using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Nodes;
using MoSar.Host.Manifests;
using MoSar.Host.Plugins;
using MoSar.Learning.Data;
using MoSar.Learning.Training;

namespace MoSar.Host.Composition;

/// <summary>The JSON Schema (2020-12) of manifests, from the options records of every stage that loads.</summary>
public static class ManifestSchema
{
    public static JsonObject Of(PluginCatalog catalog)
    {
        catalog.LoadAll();
        var stages = catalog.StageIds.Select(id => catalog.Find(id)!).ToArray();
        var slots = new JsonObject(Slot.All.Select(slot => KeyValuePair.Create(slot.Name, (JsonNode?)SlotSchema(slot, stages))));
        var properties = Properties(typeof(ManifestHeader), new ManifestHeader());
        properties["extends"] = new JsonObject { ["type"] = "string", ["description"] = "Another manifest that this one changes; relative to this file." };
        properties["pipeline"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = slots };
        var data = Properties(typeof(DataOptions), new DataOptions());
        data[Slot.Sources.Name] = SlotSchema(Slot.Sources, stages);
        properties["data"] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "Training data and how they are delivered.",
            ["additionalProperties"] = false,
            ["properties"] = data,
        };
        var training = Properties(typeof(TrainingRecipe), new TrainingRecipe());
        training[Slot.Learner.Name] = SlotSchema(Slot.Learner, stages);
        training[Slot.Losses.Name] = SlotSchema(Slot.Losses, stages);
        properties["training"] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "What is learned from the data, and how.",
            ["additionalProperties"] = false,
            ["properties"] = training,
        };
        properties["evaluation"] = EvaluationSchema(stages, slots);
        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = $"MoSar manifest, {ManifestTree.Schema}",
            ["type"] = "object",
            ["required"] = new JsonArray("schema"),
            ["additionalProperties"] = false,
            ["properties"] = properties,
            ["$defs"] = new JsonObject(stages.Select(s => KeyValuePair.Create(s.Id, (JsonNode?)StageSchema(s)))),
        };
    }

    private static JsonObject EvaluationSchema(StageRegistration[] stages, JsonObject slots)
    {
        var variant = Properties(typeof(VariantOptions), new VariantOptions());
        foreach (var slot in Slot.Reconstruction)
        {
            variant[slot.Name] = slots[slot.Name]!.DeepClone();
        }

        var evaluation = Properties(typeof(EvaluationOptions), new EvaluationOptions());
        evaluation[Slot.Evaluators.Name] = SlotSchema(Slot.Evaluators, stages);
        evaluation["variants"] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "A row each: what it changes in the pipeline.",
            ["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("object", "null"), ["additionalProperties"] = false, ["properties"] = variant },
        };
        return new JsonObject
        {
            ["type"] = "object",
            ["description"] = "A table of errors: variants of the pipeline, measured on the data.",
            ["additionalProperties"] = false,
            ["properties"] = evaluation,
        };
    }

    private static JsonObject SlotSchema(Slot slot, StageRegistration[] stages)
    {
        var choice = new JsonObject
        {
            ["description"] = $"Holds {slot.Noun}.",
            ["type"] = "object",
            // Options alone are allowed without 'stage': a manifest that extends another changes just those.
            ["anyOf"] = new JsonArray([
                .. stages.Where(s => s.Role == slot.Role).Select(s => new JsonObject { ["$ref"] = $"#/$defs/{s.Id}" }),
                new JsonObject { ["not"] = new JsonObject { ["required"] = new JsonArray("stage") } },
            ]),
        };
        return slot.IsMany
            ? new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["anyOf"] = new JsonArray(choice, new JsonObject { ["type"] = "null" }) } }
            : choice;
    }

    private static JsonObject StageSchema(StageRegistration stage)
    {
        var properties = Properties(stage.Options, Activator.CreateInstance(stage.Options)!);
        if (stage.Role == Slot.Losses.Role)
        {
            foreach (var (key, schema) in Properties(typeof(LossOptions), new LossOptions()))
            {
                properties[key] = schema?.DeepClone();
            }
        }

        properties.Insert(0, "stage", new JsonObject { ["const"] = stage.Id, ["description"] = stage.Description });
        return new JsonObject
        {
            ["type"] = "object",
            ["description"] = stage.Description,
            ["required"] = new JsonArray("stage"),
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
    }

    private static JsonObject Properties(Type record, object defaults)
    {
        var values = OptionsWriter.Write(defaults).ToDictionary();
        return new JsonObject(OptionKey.Of(record).Select(k => KeyValuePair.Create(k.Key, (JsonNode?)KeySchema(k, values[k.Key]))));
    }

    private static JsonObject KeySchema(OptionKey key, object? value)
    {
        var schema = TypeSchema(key.Type);
        if (key.Description.Length > 0)
        {
            schema["description"] = key.Description;
        }

        if (!key.IsRequired && value is not null)
        {
            schema["default"] = PlainData.ToJson(value);
        }

        foreach (var rule in key.Rules)
        {
            switch (rule)
            {
                case RangeAttribute range:
                    schema[range.MinimumIsExclusive ? "exclusiveMinimum" : "minimum"] = Number(range.Minimum);
                    schema[range.MaximumIsExclusive ? "exclusiveMaximum" : "maximum"] = Number(range.Maximum);
                    break;
                case AllowedValuesAttribute allowed:
                    schema["enum"] = new JsonArray([.. allowed.Values.Select(v => v is string s ? JsonValue.Create(s) : Number(v!))]);
                    break;
            }
        }

        return schema;
    }

    private static JsonObject TypeSchema(Type type)
    {
        if (type.IsEnum)
        {
            return new JsonObject { ["enum"] = new JsonArray([.. OptionTypes.EnumNames(type).Select(n => JsonValue.Create(n))]) };
        }

        if (OptionTypes.ValueOf(type) is { } value)
        {
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = TypeSchema(value) };
        }

        if (type != typeof(string) && OptionTypes.ElementOf(type) is { } element)
        {
            return new JsonObject { ["type"] = "array", ["items"] = TypeSchema(element) };
        }

        return type == typeof(string) ? new JsonObject { ["type"] = "string" }
            : type == typeof(bool) ? new JsonObject { ["type"] = "boolean" }
            : OptionTypes.IsWhole(type) ? new JsonObject { ["type"] = "integer" }
            : OptionTypes.IsReal(type) ? new JsonObject { ["type"] = "number" }
            : new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = Properties(type, Activator.CreateInstance(type)!) };
    }

    private static JsonNode Number(object value) => value switch
    {
        int i => JsonValue.Create(i),
        _ => JsonValue.Create(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
    };
}
