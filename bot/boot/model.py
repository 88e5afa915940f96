"""The trained model: made again only when what it is made from has changed, held to a SHA-256, swapped in whole.

Standard library of Python 3.9 only; training itself runs in the brain's environment.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bot.boot.environments import BRAIN, ROOT, STATE, BootError, exclusive, say

MODELS = ROOT / "models"
STAMP = MODELS / "current.json"
KEPT = 5  # models kept, the one in use among them: those that were in use last
# what a model is made from; code that only answers or serves is not in it
LEARNING = (
    "beside", "components", "danger", "doubts", "encoders", "ensemble", "entities", "finetuned", "integers", "language",
    "layers", "linear", "others", "outcome", "splitting", "weighing",
)  # fmt: skip
MADE_FROM = (
    "config.yml",
    "domain.yml",
    "data",
    "requirements/brain.txt",
    "bot/screen",  # the model of danger learns from what the rules say, and how they take a text apart
    *(f"bot/understand/{name}.py" for name in LEARNING),
    "bot/understand/finetuned.json",  # with the SHA-256 of the readers' weights
)


def brain_environment() -> dict[str, str]:
    """Variables for every process of the brain's environment: quiet, offline, one thread a computation."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",  # nothing leaves the hospital
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "OMP_NUM_THREADS": "1",  # small matrices: more threads cost more than they bring
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
        # endpoints.yml needs a value under any stock command too; a start sets the one of the settings
        "MARROW_ACTIONS_PORT": os.environ.get("MARROW_ACTIONS_PORT", "5055"),
    }


def fingerprint(root: Path = ROOT) -> str:
    """SHA-256 over everything a model is made from, names included."""
    digest = hashlib.sha256()
    for name in MADE_FROM:
        path = root / name
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            if file.suffix in (".yml", ".py", ".txt", ".json"):
                digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def file_digest(file: Path) -> str:
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        for block in iter(lambda: opened.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def current() -> Path | None:
    """The model in use, or None when there is none that is whole."""
    try:
        stamp = json.loads(STAMP.read_text())
        file = MODELS / stamp["file"]
        return file if file_digest(file) == stamp["sha256"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def whole(file: Path) -> Path:
    """The file itself while it is whole, else the newest whole one beside it; itself when there is none.

    Args:
        file: A trained model, or what is left of one, in a folder with its stamp.
    """
    stamps = _stamps(file.parent / STAMP.name)
    for candidate in (file, *(file.parent / name for name in reversed(stamps))):
        if _is_whole(candidate, stamps):
            return candidate
    return file


def troubles(folder: Path = MODELS) -> list[str]:
    """What is wrong with the models in a folder, for whoever runs the bot; a sentence each."""
    stamps = _stamps(folder / STAMP.name)
    if not stamps:
        return []  # nothing was trained here: the model came from elsewhere
    wanted = folder / list(stamps)[-1]
    found = []
    if not _is_whole(wanted, stamps):
        found.append(f"{wanted.name} is missing or broken: an earlier model serves until ./marrow train --force")
    began = wanted.stat().st_mtime if wanted.exists() else 0.0
    for other in sorted(folder.glob("*.tar.gz")):
        if other.name not in stamps and other.stat().st_mtime > began:
            found.append(f"{other.name} is newer, but no training of Marrow finished it: it is not used")
    return found


def _stamps(stamp: Path = STAMP) -> dict[str, str]:
    """SHA-256 of every model kept, by file name, the one in use last."""
    try:
        read = json.loads(stamp.read_text())
        return {**read.get("kept", {}), read["file"]: read["sha256"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _is_whole(file: Path, stamps: dict[str, str]) -> bool:
    try:
        at = file.stat()
        return _digest_at(file, at.st_mtime_ns, at.st_size) == stamps.get(file.name)
    except OSError:
        return False


@functools.lru_cache(maxsize=KEPT)
def _digest_at(file: Path, changed_ns: int, size: int) -> str:
    return file_digest(file)


def ensure(force: bool = False) -> Path:
    """Trains a model when there is none for the present files.

    Args:
        force: Train in any case.

    Returns:
        The model's file.

    Raises:
        BootError: Training failed.
    """
    with exclusive("training"):
        wanted = fingerprint()
        file = current()
        if file and not force:
            stamp = json.loads(STAMP.read_text())
            if stamp["fingerprint"] == wanted:
                return file
            if stamp.get("promoted"):  # what trainers change goes live by their promotion, not by a restart
                say("the files have changed since the studio promoted the model; it stays until the next promotion")
                return file
        return _train(wanted)


def _train(wanted: str) -> Path:
    say("training the model (three to ten minutes on two cores)")
    began = time.monotonic()
    made = make(STATE / "training", STATE / "training.log", lambda line: _show(line, began))
    MODELS.mkdir(exist_ok=True)
    file = MODELS / name_of(wanted)
    os.replace(made, file)
    _use(file, file_digest(file), wanted)
    say(f"the model is trained: {file.name} ({time.monotonic() - began:.0f} s)")
    return file


def name_of(wanted: str) -> str:
    """The file name of a model that is trained now, from files with this fingerprint."""
    return f"marrow-{time.strftime('%Y%m%d-%H%M%S')}-{wanted[:8]}.tar.gz"


def make(out: Path, log_file: Path, told: Callable[[str], None], source: Path = ROOT) -> Path:
    """Trains a model, and leaves the one in use alone.

    Args:
        out: Folder for it, emptied first.
        log_file: Gets all that training says.
        told: Gets each line of it as it comes.
        source: Folder with `domain.yml`, `data` and `config.yml`.

    Returns:
        The new model's file.

    Raises:
        BootError: Training failed.
    """
    shutil.rmtree(out, ignore_errors=True)
    command = [str(BRAIN.command("rasa")), "train", "--out", str(out), "--fixed-model-name", "candidate"]
    if source != ROOT:
        command += ["--domain", str(source / "domain.yml"), "--data", str(source / "data")]
        command += ["--config", str(source / "config.yml")]
    command += [
        "--skip-validation",  # ./marrow validate does it, and better
        "--force",  # Rasa would take a component from its cache though the code that it calls has changed
    ]
    with log_file.open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=brain_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                log.write(line)
                log.flush()
                told(line)
            code = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    made = out / "candidate.tar.gz"
    if code or not made.exists():
        lines = [line.strip() for line in log_file.read_text().splitlines() if line.strip()]
        telling = [line for line in lines if "Error" in line or "Exception" in line] or lines[-1:]
        raise BootError(
            f"training failed ({telling[-1][:300] if telling else 'no reason was given'}); run ./marrow validate, "
            f"mend what it names and start again. All of it: {log_file}"
        )
    return made


def _use(file: Path, digest: str, wanted: str, promoted: dict[str, str] | None = None) -> None:
    """Makes a whole model in the folder of models the one in use."""
    folder = file.parent
    stamp_file = folder / STAMP.name
    before = _stamps(stamp_file)
    earlier = {name: one for name, one in before.items() if (folder / name).exists() and name != file.name}
    kept = dict(list(earlier.items())[1 - KEPT :])  # in the order of their use: the one that served last is the last
    stamp = {"file": file.name, "sha256": digest, "fingerprint": wanted, "kept": kept}
    if promoted is not None:
        stamp["promoted"] = promoted
    written = stamp_file.with_suffix(".part")
    written.write_text(json.dumps(stamp, indent=1) + "\n")
    os.replace(written, stamp_file)  # in one step: nobody sees half a stamp
    for old in set(folder.glob("marrow-*.tar.gz")) - {file, *(folder / name for name in kept)}:
        # what a training left that was cut short goes, too; a newer one is told of by `troubles`
        if old.name in before or old.stat().st_mtime <= file.stat().st_mtime:
            old.unlink()


def promote(file: Path, sha256: str, *, by: str, fingerprint: str, folder: Path = MODELS) -> Path:
    """Makes a model the one in use: running brains take it within seconds, and every later start.

    Args:
        file: The model; one outside the folder is copied into it.
        sha256: What its bytes must come to.
        by: Who does it.
        fingerprint: Of the files that it was made from.
        folder: Of the models.

    Returns:
        The file in the folder.

    Raises:
        BootError: It is not the file that was trained.
    """
    with exclusive("training"):
        target = folder / file.name
        part = folder / f".{file.name}.part"
        if file != target:
            shutil.copyfile(file, part)
        copy = target if file == target else part
        found = file_digest(copy)
        if found != sha256:
            part.unlink(missing_ok=True)
            raise BootError(f"{file.name} has the SHA-256 {found[:12]}..., not {sha256[:12]}...: it stays out")
        if copy is part:
            os.replace(part, target)  # only now: a good copy of this name may serve, or be kept to go back to
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        _use(target, sha256, fingerprint, {"by": by, "at": at})
        return target


def kept(folder: Path = MODELS) -> list[tuple[str, str]]:
    """Whole models to go back to, by name and SHA-256, the one in use last."""
    stamps = _stamps(folder / STAMP.name)
    return [(name, digest) for name, digest in stamps.items() if _is_whole(folder / name, stamps)]


def promoted(folder: Path = MODELS) -> tuple[Path, str] | None:
    """The model that the studio promoted, with its SHA-256; None when the one in use came otherwise."""
    try:
        stamp = json.loads((folder / STAMP.name).read_text())
        return (folder / stamp["file"], stamp["sha256"]) if stamp.get("promoted") else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _show(line: str, began: float) -> None:
    """Passes on the lines that tell how far training is."""
    for mark in ("EnsembleClassifier: ", "Starting to train component", "Restored component"):
        if mark in line:
            told = line[line.index(mark) :].strip().rstrip(".").replace("Starting to train component", "training")
            print(f"  [{time.monotonic() - began:4.0f} s] {told[:110]}", file=sys.stderr, flush=True)
            return
