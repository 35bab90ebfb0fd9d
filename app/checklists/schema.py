"""The JSON Schema of template files, by which editors complete and check them while they are written.

It knows the shape only. What rules and conditions mean is checked by the loader.
"""

import json

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from app.checklists.checks import START_KINDS
from app.checklists.shape import TemplateBody
from app.checklists.yaml_tree import Json

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    schema_dialect = DIALECT

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        # A key is written with a value or not at all; null is refused by the loader.
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        found = super().default_schema(schema)
        if found.get("default") is None:
            found.pop("default", None)
        return found


def schema() -> dict[str, Json]:
    """The schema, Draft 2020-12."""
    found = TemplateBody.model_json_schema(schema_generator=_Generator)
    found["$defs"]["StartBody"]["oneOf"] = [{"required": [kind]} for kind in START_KINDS]
    found["$schema"] = DIALECT
    return found


def schema_text() -> str:
    """The schema as it stands in `checklists/schema.json`."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
