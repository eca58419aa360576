# SPDX-License-Identifier: Apache-2.0
"""The part of JSON Schema (2020-12) that formats/*/*.schema.json are written in: type, const, enum, properties, required,
additionalProperties, items, oneOf. A schema with another keyword is refused, so that nothing is believed to be checked that
is not."""

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
KNOWN = {"$schema", "$id", "title", "description", "type", "const", "enum", "properties", "required", "additionalProperties",
         "items", "oneOf"}


def has_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def breaches(schema, value, at="$", strict=True):
    """What of `value` the schema forbids. Strict: also keys that it does not know."""
    unknown = set(schema) - KNOWN
    if unknown:
        raise ValueError(f"{at}: the checker does not know {', '.join(sorted(unknown))}")
    if "oneOf" in schema:
        each = [list(breaches(one, value, at, strict)) for one in schema["oneOf"]]
        if sum(not found for found in each) != 1:
            yield min(each, key=len)[0] if all(each) else f"{at} fits several schemas"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{at} is {value!r}, not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is {value!r}, not one of {schema['enum']}"
    if "type" in schema:
        names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        if not any(has_type(value, name) for name in names):
            yield f"{at} is {value!r}, not {' or '.join(names)}"
            return
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value:
                yield f"{at}.{key} is missing"
        others = schema.get("additionalProperties", "properties" not in schema)
        for key, inner in value.items():
            if key in schema.get("properties", {}):
                yield from breaches(schema["properties"][key], inner, f"{at}.{key}", strict)
            elif isinstance(others, dict):
                yield from breaches(others, inner, f"{at}.{key}", strict)
            elif not others and strict:
                yield f"{at}.{key} is in no schema"
    elif isinstance(value, list) and "items" in schema:
        for index, inner in enumerate(value):
            yield from breaches(schema["items"], inner, f"{at}[{index}]", strict)
