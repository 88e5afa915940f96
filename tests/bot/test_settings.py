"""Settings: where they come from, and what is refused with which words."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, read


def env_file(folder: Path, *lines: str, name: str = ".env") -> Path:
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_when_nothing_is_set_then_the_defaults_hold() -> None:
    assert read({}, ()) == Settings()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        pytest.param({"MARROW_TIME_ZONE": "Asia/Atlantis"}, ["MARROW_TIME_ZONE", "Asia/Atlantis"], id="no such zone"),
        pytest.param({"MARROW_TIME_ZONE": "../../etc/passwd"}, ["MARROW_TIME_ZONE"], id="a zone that is a path"),
        pytest.param(
            {"MARROW_MESSAGES_PER_MINUTE": "-1"}, ["MARROW_MESSAGES_PER_MINUTE", "above 0", "-1"], id="negative"
        ),
        pytest.param({"MARROW_BRAIN_TIMEOUT_MS": "0"}, ["MARROW_BRAIN_TIMEOUT_MS", "above 0"], id="zero"),
        pytest.param({"MARROW_BRAIN_TIMEOUT_MS": "8s"}, ["MARROW_BRAIN_TIMEOUT_MS", "(ms)", "8s"], id="with a unit"),
        pytest.param({"MARROW_SESSION_DAYS": "1.5"}, ["MARROW_SESSION_DAYS", "(days)", "1.5"], id="a fraction"),
        pytest.param({"MARROW_DOOR_PORT": "65536"}, ["MARROW_DOOR_PORT", "65536", "65535"], id="no such port"),
        pytest.param({"MARROW_BRAIN_PORT": "99999"}, ["MARROW_BRAIN_PORT", "99999"], id="the brain's port"),
        pytest.param({"MARROW_ACTIONS_PORT": "70000"}, ["MARROW_ACTIONS_PORT", "70000"], id="the actions' port"),
        pytest.param({"MARROW_DOR_PORT": "80"}, ["MARROW_DOR_PORT", "docs/settings.md"], id="a misspelt name"),
        pytest.param({"MARROW_B": "1", "MARROW_A": "1"}, ["MARROW_A, MARROW_B"], id="several unknown names"),
    ],
)
@pytest.mark.parametrize("where", ["environment", "file"])
def test_when_a_value_cannot_be_used_then_the_error_names_key_and_value(
    given: dict[str, str], named: list[str], where: str, tmp_path: Path
) -> None:
    file = env_file(tmp_path, *(f"{key}={value}" for key, value in given.items()))

    with pytest.raises(SettingsError) as error:
        read(given, ()) if where == "environment" else read({}, (file,))

    assert all(part in str(error.value) for part in named)


def test_when_a_setting_is_in_environment_and_file_then_the_environment_wins(tmp_path: Path) -> None:
    file = env_file(tmp_path, "MARROW_DOOR_PORT=9000", "MARROW_HOSPITAL_NAME=File hospital")

    got = read({"MARROW_DOOR_PORT": "9001"}, (file,))

    assert (got.door_port, got.hospital_name) == (9001, "File hospital")


def test_when_two_files_set_a_key_then_the_later_wins(tmp_path: Path) -> None:
    first = env_file(tmp_path, "MARROW_SECRET_KEY=made", "MARROW_BRAIN_TOKEN=made", name="secrets.env")
    second = env_file(tmp_path, "MARROW_SECRET_KEY=chosen")

    got = read({}, (first, second))

    assert (got.secret_key, got.brain_token) == ("chosen", "made")


@pytest.mark.parametrize("environment", [{}, {"MARROW_CONTACT_PHONE": ""}], ids=["absent", "empty"])
def test_when_a_later_place_is_empty_then_the_earlier_holds(environment: dict[str, str], tmp_path: Path) -> None:
    first = env_file(tmp_path, "MARROW_CONTACT_PHONE=+1 555 0100", name="first.env")
    second = env_file(tmp_path, "MARROW_CONTACT_PHONE=")

    assert read(environment, (first, second)).contact_phone == "+1 555 0100"


@pytest.mark.parametrize("key", ["PATH", "RASA_TELEMETRY_ENABLED", "MARROW_PYTHON", "MARROW_TEST_POSTGRESQL_URL"])
def test_when_a_variable_is_of_another_program_then_it_is_left_alone(key: str) -> None:
    assert read({key: "anything"}, ()) == Settings()


def test_when_a_file_is_missing_then_the_defaults_hold(tmp_path: Path) -> None:
    assert read({}, (tmp_path / "no.env",)) == Settings()


def test_when_settings_are_shown_then_no_secret_is_in_the_text() -> None:
    secrets = [spec.name for spec in fields(Settings) if spec.metadata["secret"]]
    shown = Settings(**{name: f"hidden-{name}" for name in secrets})

    assert {"secret_key", "brain_token", "database_url"} <= set(secrets)
    assert "hidden-" not in f"{shown!r} {shown}"


@pytest.mark.parametrize("spec", fields(Settings), ids=lambda spec: spec.name)
def test_when_a_setting_exists_then_it_has_help_and_a_number_has_its_unit(spec: object) -> None:
    about, default = spec.metadata, spec.default  # type: ignore[attr-defined]

    assert about["help"].endswith((".", ")"))
    assert bool(about["unit"]) == isinstance(default, int)
