"""Whatever is asked of a route, its answer is one that the OpenAPI document describes, and never a fault (schemathesis)."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

from bot.door import problems
from bot.door.openapi import describe
from tests.bot.door.conftest import Doors, Served

load_all_checks()
ASKED = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
DESCRIBED = schemathesis.openapi.from_dict(describe())
EXAMPLES = 60
OPERATIONS = {operation.ok().label: operation.ok() for operation in DESCRIBED.get_all_operations()}


@pytest.fixture
def served(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A door whose limits do not stand in the way of looking behind them."""
    monkeypatch.setattr(problems, "SCREENING_SHARE", 10**6)
    most: dict[str, Any] = dict.fromkeys(
        (
            "messages_per_minute",
            "refusals_per_minute",
            "requests_per_second",
            "conversations_per_minute",
            "characters_per_minute",
        ),
        10**6,
    )
    return doors.start(**most)


def tried(label: str, served: Served, examples: int) -> list[int]:
    """Asks one route; half of the time with a real conversation and its token. Gives what was answered."""
    operation, statuses = OPERATIONS[label], []
    patient = served.begin().greeted()
    checks = CHECKS.get_by_names(list(ASKED))

    @seed(4)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), real=st.booleans())
    def ask(case: schemathesis.Case, real: bool) -> None:
        nonlocal patient
        if real and "conversation" in case.path_parameters:
            case.path_parameters["conversation"] = patient.conversation
            case.headers["Authorization"] = f"Bearer {patient.token}"
        if real and case.path.endswith("/contact") and isinstance(case.body, dict):
            case.body |= {"consent": True, "phone": "+1 555 0100"}  # what is drawn at random is hardly ever a number
        if "/events" in case.path:  # a stream would never end
            case.headers["Accept"] = "application/json"
        response = case.call_and_validate(base_url=str(served.http.base_url), checks=checks)
        statuses.append(response.status_code)
        if case.method == "DELETE" and response.status_code == 204:
            patient = served.begin()

    ask()
    return statuses


@pytest.mark.slow  # some hundred requests
@pytest.mark.parametrize("label", OPERATIONS)
def test_when_a_route_is_asked_anything_then_the_answer_is_a_described_one(served: Served, label: str) -> None:
    statuses = tried(label, served, EXAMPLES)
    assert len(statuses) >= (EXAMPLES // 2 if "{" in label or label.startswith("POST") else 1)
    assert any(status < 300 for status in statuses), "the route itself was never reached"


def test_when_an_answer_is_not_described_then_it_is_noticed(served: Served) -> None:
    """The control."""
    schema = describe()
    schema["paths"]["/api/v1/config"]["get"]["responses"] = {"418": {"description": "never"}}
    (operation,) = [
        each.ok() for each in schemathesis.openapi.from_dict(schema).include(path="/api/v1/config").get_all_operations()
    ]
    with pytest.raises(FailureGroup) as found:
        operation.Case().call_and_validate(
            base_url=str(served.http.base_url), checks=CHECKS.get_by_names(["status_code_conformance"])
        )
    assert "Undocumented status code" in str(found.value.exceptions[0])
