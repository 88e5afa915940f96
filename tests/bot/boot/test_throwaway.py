"""A bot that is thrown away meets nobody else: its ports, its journal and its secrets are its own."""

from __future__ import annotations

import socket

from bot.boot import throwaway
from bot.settings import read


def test_when_ports_are_asked_for_then_all_of_them_can_be_listened_on():
    ports = throwaway.free_ports(5)

    assert len(set(ports)) == 5
    for port in ports:
        with socket.socket() as one:
            one.bind(("127.0.0.1", port))


def test_when_variables_are_made_then_the_settings_take_them_and_overrides_win(tmp_path):
    settings = read(throwaway.variables(tmp_path, messages_per_minute=7), ())

    assert settings.database_url == f"sqlite:///{tmp_path}/journal.sqlite3"
    assert settings.messages_per_minute == 7
    assert len({settings.door_port, settings.brain_port, settings.actions_port}) == 3


def test_when_variables_are_made_twice_then_no_secret_is_the_same(tmp_path):
    one, other = throwaway.variables(tmp_path), throwaway.variables(tmp_path)

    assert all(one[key] != other[key] for key in ("MARROW_SECRET_KEY", "MARROW_BRAIN_TOKEN", "MARROW_CONTACT_KEY"))
