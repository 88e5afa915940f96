"""The start of the three processes: secrets, ports, supervisor's configuration, and what happens when one dies."""

from __future__ import annotations

import configparser
import os
import socket
import stat
from pathlib import Path

import pytest

from bot.boot import made_secrets, serve
from bot.boot.environments import BootError
from bot.boot.throwaway import free_ports
from bot.settings import Settings, read

SETTINGS = Settings(secret_key="the-secret-key-of-the-tests-0123456789", brain_token="the-token-of-the-tests")


def test_when_secrets_are_made_then_only_their_owner_may_read_them(tmp_path: Path) -> None:
    file = tmp_path / ".marrow" / "secrets.env"
    before = os.umask(0)  # the loosest there is
    try:
        made_secrets.make_secrets(file)
    finally:
        os.umask(before)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    made = read({}, (file,))
    assert len(made.secret_key) >= 32
    assert len(made.brain_token) >= 32
    assert made.secret_key != made.brain_token


def test_when_secrets_are_there_then_they_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    made_secrets.make_secrets(file)
    before = file.read_bytes()

    made_secrets.make_secrets(file)

    assert file.read_bytes() == before


def test_when_two_projects_make_secrets_then_they_differ(tmp_path: Path) -> None:
    made_secrets.make_secrets(tmp_path / "a.env")
    made_secrets.make_secrets(tmp_path / "b.env")

    assert read({}, (tmp_path / "a.env",)).secret_key != read({}, (tmp_path / "b.env",)).secret_key


def test_when_there_is_no_env_file_then_it_is_made_of_the_example(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text("# the example\n")

    serve.make_env(tmp_path)

    assert (tmp_path / ".env").read_text() == "# the example\n"


def test_when_there_is_an_env_file_then_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text("# the example\n")
    (tmp_path / ".env").write_text("# mine\n")

    serve.make_env(tmp_path)

    assert (tmp_path / ".env").read_text() == "# mine\n"


@pytest.fixture
def ports() -> dict[str, int]:
    """Three ports that are free."""
    return dict(zip(("door_port", "brain_port", "actions_port"), free_ports(3)))


def test_when_all_ports_are_free_then_the_check_passes_and_holds_none(ports: dict[str, int]) -> None:
    serve.check_ports(Settings(**ports))
    serve.check_ports(Settings(**ports))


@pytest.mark.parametrize("name", ["door_port", "brain_port", "actions_port"])
def test_when_a_port_is_taken_then_the_error_names_port_and_setting(name: str, ports: dict[str, int]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[name]))
        taken.listen()

        with pytest.raises(BootError) as error:
            serve.check_ports(Settings(**ports))

    assert str(ports[name]) in str(error.value)
    assert f"MARROW_{name.upper()}" in str(error.value)
    assert "in use" in str(error.value)


def test_when_a_port_was_just_left_then_it_can_be_used_again(ports: dict[str, int]) -> None:
    with socket.socket() as left:
        left.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        left.bind(("127.0.0.1", ports["door_port"]))
        left.listen()
        with socket.create_connection(("127.0.0.1", ports["door_port"])):
            left.accept()[0].close()  # closed on this side first: the port stays in TIME_WAIT

    serve.check_ports(Settings(**ports))


def test_when_two_processes_are_given_one_port_then_the_error_names_both(ports: dict[str, int]) -> None:
    with pytest.raises(BootError, match=r"MARROW_DOOR_PORT and MARROW_BRAIN_PORT are both"):
        serve.check_ports(Settings(**{**ports, "brain_port": ports["door_port"]}))


def test_when_the_address_is_not_of_this_machine_then_the_error_says_so(ports: dict[str, int]) -> None:
    with pytest.raises(BootError, match=r"192\.0\.2\.1"):
        serve.check_ports(Settings(door_host="192.0.2.1", **ports))


def test_when_the_configuration_is_written_then_no_secret_is_in_it(tmp_path: Path) -> None:
    place = serve.Place(tmp_path / "run", tmp_path / "log")

    file = serve.write_configuration(serve.programs(SETTINGS, Path("model.tar.gz")), place)

    text = file.read_text()
    assert SETTINGS.secret_key not in text
    assert SETTINGS.brain_token not in text
    assert SETTINGS.database_url not in text


def test_when_the_configuration_is_written_then_the_three_start_again_by_themselves(tmp_path: Path) -> None:
    place = serve.Place(tmp_path / "run", tmp_path / "log")
    text = configparser.RawConfigParser()

    text.read(serve.write_configuration(serve.programs(SETTINGS, Path("model.tar.gz")), place))

    programs = {name for name in text.sections() if name.startswith("program:")}
    assert programs == {"program:door", "program:brain", "program:actions"}
    assert all(text[name]["autorestart"] == "true" for name in programs)


@pytest.mark.parametrize("name", ["brain", "actions"])
def test_when_a_process_is_not_the_door_then_it_listens_on_this_machine_alone(name: str) -> None:
    command, variables = serve.programs(Settings(door_host="0.0.0.0"), Path("model.tar.gz"))[name]

    assert "0.0.0.0" not in " ".join(command)
    interface = command[command.index("--interface") + 1] if "--interface" in command else variables["SANIC_HOST"]
    assert interface == "127.0.0.1"
