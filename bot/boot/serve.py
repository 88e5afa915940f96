"""Starts door, brain and actions under supervisor, says where to point a browser, and stops them all on Ctrl-C.

Runs in the door's environment. supervisor restarts what dies; this process waits, tells, and passes signals on.
"""

from __future__ import annotations

import configparser
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from bot.boot import model
from bot.boot.attached import attach
from bot.boot.environments import BRAIN, DOOR, ROOT, STATE, BootError, say
from bot.boot.made_secrets import make_secrets
from bot.settings import Settings, read

READY_WITHIN_S = 120
STOP_WITHIN_S = 8


@dataclass(frozen=True)
class Place:
    """Where one start keeps its files; tests start further ones beside the real one."""

    run: Path = STATE / "run"
    logs: Path = ROOT / "var" / "log"


def make_env(root: Path = ROOT) -> None:
    """Makes `.env` of the example at the first start, so that there is one to fill in, and says so."""
    if not (root / ".env").exists():
        shutil.copyfile(root / ".env.example", root / ".env")
        say("made .env from .env.example: put your hospital's own name, contacts and hours there")


def check_ports(settings: Settings) -> None:
    """Finds out before anything starts whether a port is taken.

    Raises:
        BootError: One is; the text names the setting.
    """
    wanted = {
        "MARROW_DOOR_PORT": (settings.door_host, settings.door_port),
        "MARROW_BRAIN_PORT": ("127.0.0.1", settings.brain_port),
        "MARROW_ACTIONS_PORT": ("127.0.0.1", settings.actions_port),
    }
    by_port: dict[int, str] = {}
    for key, (_, port) in wanted.items():
        if port in by_port:
            raise BootError(f"{by_port[port]} and {key} are both {port}; set one of them to another port in .env")
        by_port[port] = key
    for key, (host, port) in wanted.items():
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise BootError(
                    f"port {port} on {host} cannot be used ({error.strerror}); stop what uses it (is Marrow running "
                    f"already?) or set {key} to another port in .env"
                ) from error


def programs(settings: Settings, model_file: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """The three processes: command and variables of each."""
    python = str(DOOR.executable)
    rasa = str(BRAIN.command("rasa"))
    shared = {
        "MARROW_SECRET_KEY": settings.secret_key,
        "MARROW_BRAIN_TOKEN": settings.brain_token,
        "MARROW_ACTIONS_PORT": str(settings.actions_port),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",  # the tagger's matrices in the door are as small as the brain's
    }
    rasa_variables = {
        key: value
        for key, value in model.brain_environment().items()
        if os.environ.get(key) != value or key == "RASA_TELEMETRY_ENABLED"
    }
    brain = [str(BRAIN.executable), "-m", "bot.boot.brain", str(model_file)]
    brain += [rasa, "run", "--interface", "127.0.0.1", "--port", str(settings.brain_port)]
    brain += ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    # SANIC_HOST: the action server would listen on every address without it
    actions_variables = {**rasa_variables, **shared, "SANIC_HOST": "127.0.0.1"}
    return {
        "actions": ([rasa, "run", "actions", "--port", str(settings.actions_port)], actions_variables),
        "brain": (brain, {**rasa_variables, **shared}),
        "door": ([python, "-m", "bot.door"], shared),
    }


def write_configuration(
    processes: Mapping[str, tuple[list[str], dict[str, str]]], place: Place, python: str = sys.executable
) -> Path:
    """Writes supervisor's configuration; nothing secret goes into it (variables are inherited)."""
    place.run.mkdir(parents=True, exist_ok=True)
    place.logs.mkdir(parents=True, exist_ok=True)
    text = configparser.RawConfigParser()
    text["supervisord"] = {
        "nodaemon": "true",
        "silent": "true",
        "logfile": str(place.logs / "supervisor.log"),
        "pidfile": str(place.run / "supervisor.pid"),
        "childlogdir": str(place.logs),
    }
    for name, (command, variables) in processes.items():
        kept_out = {"MARROW_SECRET_KEY", "MARROW_BRAIN_TOKEN"}
        given = ",".join(
            '{}="{}"'.format(key, value.replace("%", "%%")) for key, value in variables.items() if key not in kept_out
        )
        text[f"program:{name}"] = {
            "command": " ".join(f'"{part}"' for part in [python, "-m", "bot.boot.attached", *command]),
            "directory": str(ROOT),
            "environment": given,
            "autorestart": "true",
            "startsecs": "1",
            "startretries": "1000000",  # a hospital's assistant does not give up; the pause between grows
            "stopwaitsecs": str(STOP_WITHIN_S - 2),
            "stopasgroup": "true",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": str(place.logs / f"{name}.log"),
            "stdout_logfile_maxbytes": "10MB",
            "stdout_logfile_backups": "3",
        }
    # one group: they are stopped side by side, else three slow ones would outlast the wait for supervisor
    text["group:marrow"] = {"programs": ",".join(processes)}
    file = place.run / "supervisor.conf"
    with file.open("w") as opened:
        text.write(opened)
    return file


def wait_until_ready(address: str, supervisor: subprocess.Popen[bytes], within_s: float = READY_WITHIN_S) -> bool:
    """Waits until the door says that brain, model and store answer."""
    end = time.monotonic() + within_s
    while time.monotonic() < end and supervisor.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return True
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.3)
    return False


def start(settings: Settings, model_file: Path, place: Place) -> subprocess.Popen[bytes]:
    """Starts supervisor with the three processes, attached to this process."""
    processes = programs(settings, model_file)
    configuration = write_configuration(processes, place)
    environment = {**os.environ, **processes["door"][1]}
    return subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)],
        cwd=ROOT,
        env=environment,
        preexec_fn=attach,
    )


def stop(supervisor: subprocess.Popen[bytes]) -> None:
    """Stops supervisor and with it the three processes."""
    if supervisor.poll() is None:
        supervisor.terminate()
        try:
            supervisor.wait(STOP_WITHIN_S + 4)
        except subprocess.TimeoutExpired:
            supervisor.kill()
            supervisor.wait()


def main() -> int:
    """Starts everything and waits; 0 after a stop that was asked for."""
    make_env()
    make_secrets()
    settings = read()
    check_ports(settings)
    began = time.monotonic()
    model_file = model.ensure()
    place = Place()
    stopping = False

    def on_signal(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    supervisor = start(settings, model_file, place)
    host = "127.0.0.1" if settings.door_host in ("0.0.0.0", "::") else settings.door_host
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.door_port}"
    say("starting door, brain and actions")
    told = False
    try:
        while not stopping and supervisor.poll() is None:
            if not told and wait_until_ready(address, supervisor, within_s=1):
                told = True
                say(f"ready after {time.monotonic() - began:.0f} s. Open {address} in a browser; Ctrl-C stops it.")
            elif not told and time.monotonic() - began > READY_WITHIN_S:
                told = True
                logs = place.logs.relative_to(ROOT)
                say(f"not ready after {READY_WITHIN_S} s, and still trying; the reason stands in {logs}/")
            time.sleep(0.3)
    finally:
        ended_by_itself = not stopping and supervisor.poll() is not None
        stop(supervisor)
    if ended_by_itself:
        raise BootError(f"the supervisor ended; see {place.logs.relative_to(ROOT)}/supervisor.log")
    say("stopped")
    return 0


if __name__ == "__main__":
    from bot.errors import MarrowError

    try:
        sys.exit(main())
    except (BootError, MarrowError) as error:
        say(str(error))
        sys.exit(1)
