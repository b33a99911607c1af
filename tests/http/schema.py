"""schema - does a value fit a schema of the API's specification?

As much of JSON Schema as protocol/openapi.json uses; a word that is not known here is a mistake.
"""
import re

TYPES = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}
KNOWN = {"$ref", "additionalProperties", "const", "description", "items", "minimum", "oneOf"}
KNOWN |= {"pattern", "properties", "required", "type"}


class Schemas:
    """The schemas of one specification."""

    def __init__(self, specification):
        self.specification = specification

    def resolve(self, value):
        """What a reference stands for, or the value itself."""
        while "$ref" in value:
            found = self.specification
            for step in value["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            value = found
        return value

    def faults(self, schema, value, where="the answer"):
        """What is wrong with the value, in words; nothing when it fits."""
        schema = self.resolve(schema)
        if unknown := set(schema) - KNOWN:
            return [f"{where}: the schema has words that are not known: {unknown}"]
        if "type" in schema and not TYPES[schema["type"]](value):
            return [f"{where}: {value!r} is no {schema['type']}"]
        if "const" in schema and value != schema["const"]:
            return [f"{where}: {value!r} is not {schema['const']!r}"]
        if "minimum" in schema and value < schema["minimum"]:
            return [f"{where}: {value} is below {schema['minimum']}"]
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return [f"{where}: {value!r} is not {schema['pattern']}"]
        if "oneOf" in schema:
            return self.faults_of_one(schema["oneOf"], value, where)
        members = self.faults_of_members(schema, value, where)
        return [*members, *self.faults_of_items(schema, value, where)]

    def faults_of_one(self, schemas, value, where):
        faults = [self.faults(schema, value, where) for schema in schemas]
        fitting = faults.count([])
        if fitting == 1:
            return []
        return [f"{where}: {value} fits {fitting} of {len(schemas)}", *sum(faults, [])]

    def faults_of_members(self, schema, value, where):
        properties = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                yield f"{where}: {name} is missing"
        for name, member in value.items() if "properties" in schema else ():
            if name in properties:
                yield from self.faults(properties[name], member, f"{where}.{name}")
            elif schema.get("additionalProperties", True) is False:
                yield f"{where}: {name} is not specified"

    def faults_of_items(self, schema, value, where):
        for at, item in enumerate(value if "items" in schema else ()):
            yield from self.faults(schema["items"], item, f"{where}[{at}]")
