"""Describes the API as OpenAPI: `python -m bot.door.openapi > docs/openapi.json`. A test keeps that file true."""

from __future__ import annotations

import json
import sys
from typing import Any

from bot.door.app import create_api
from bot.settings import Settings


def describe() -> dict[str, Any]:
    """Gives the OpenAPI description of the door."""
    described = create_api(Settings(), None).openapi()
    for path in described["paths"].values():
        for operation in path.values():
            operation["responses"] = {
                status: _as_problem(response) if status >= "400" else response
                for status, response in sorted(operation["responses"].items())
                # FastAPI's own shape of 422, which the door never sends
                if "HTTPValidationError" not in json.dumps(response)
            }
    for name in ("HTTPValidationError", "ValidationError"):
        described["components"]["schemas"].pop(name, None)
    return described


def _as_problem(response: dict[str, Any]) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    return {"description": response["description"], "content": {"application/problem+json": {"schema": schema}}}


def main() -> None:
    """Writes the description to standard output."""
    json.dump(describe(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
