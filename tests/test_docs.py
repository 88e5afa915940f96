"""What is written about Marrow is whole and true: settings, commands, routes, paths and links."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from bot.settings import PREFIX, Settings, as_markdown

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
# The rooms' trees that git would not keep, for a copy without .git
_NOT_KEPT = {".git", ".marrow", ".rasa", "models", "var", "results", "__pycache__"}


def kept_files() -> list[Path]:
    """Every file that git keeps or would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not _NOT_KEPT & set(path.relative_to(ROOT).parts)]
    return sorted(path for path in found if path.is_file())


def text_of(file: Path) -> str:
    """A file's text; empty for a picture and the like."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


FILES = kept_files()
PAGES = [file for file in FILES if file.suffix == ".md"]


def commands() -> list[str]:
    actions = [action for action in cli.parser()._actions if action.dest == "command"]
    return sorted(actions[0].choices)  # type: ignore[arg-type]


def test_when_the_settings_change_then_their_page_has_to() -> None:
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert written == as_markdown(), "run: .marrow/door/bin/python -m bot.settings > docs/settings.md"


@pytest.mark.parametrize("spec", fields(Settings), ids=lambda spec: spec.name)
def test_when_a_setting_exists_then_the_page_tells_help_default_and_unit(spec: Field[Any]) -> None:
    row = next(line for line in as_markdown().splitlines() if line.startswith(f"| `{PREFIX}{spec.name.upper()}` |"))

    assert spec.metadata["help"] in row
    assert f"| `{spec.default}` |" in row if spec.default != "" else "| empty |" in row
    assert f"| {spec.metadata['unit'] or 'text'} |" in row
    assert "|" not in spec.metadata["help"], "it would break the table"


@pytest.mark.parametrize("spec", fields(Settings), ids=lambda spec: spec.name)
def test_when_a_setting_exists_then_the_example_file_tells_help_default_and_unit(spec: Field[Any]) -> None:
    key = f"{PREFIX}{spec.name.upper()}"
    found = re.search(rf"((?:^#.*\n)+)^(?:# )?{key}=(.*)$", EXAMPLE, re.MULTILINE)
    assert found, f"{key} is not in .env.example"
    comment = " ".join(line.lstrip("# ") for line in found[1].splitlines())

    # the comment may say more, but begins with the same words
    assert re.split(r"[.;,:(]|`", spec.metadata["help"])[0].strip() in comment
    assert f"({spec.metadata['unit']})" in comment or not spec.metadata["unit"]


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
@pytest.mark.parametrize("command", commands())
def test_when_there_is_a_command_then_the_page_names_it(command: str, page: str) -> None:
    assert f"./marrow {command}" in (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_when_a_page_names_a_command_then_there_is_one(page: str) -> None:
    named = set(re.findall(r"\./marrow ([a-z-]+)", (ROOT / page).read_text(encoding="utf-8")))

    assert named <= set(commands())


def routes() -> list[tuple[str, str]]:
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


@pytest.mark.parametrize(("method", "path"), routes(), ids=lambda part: part)
def test_when_there_is_a_route_then_the_api_page_names_it(method: str, path: str) -> None:
    assert f"`{method} {path}`" in (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


# put together from pieces, so that this file does not name one itself
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(?:" + "|".join(["work", "root", "home", "Users"]) + r")/[A-Za-z0-9_.-]+")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_when_a_file_is_kept_then_it_names_no_path_of_one_machine(file: Path) -> None:
    assert MACHINE_PATH.findall(text_of(file)) == []


@pytest.mark.parametrize(
    "text",
    ["cd /" + "work/main", "'/" + "root/.pyenv/bin'", "see /" + "home/ann/marrow", "(/" + "Users/ann)"],
)
def test_when_a_path_of_a_machine_is_planted_then_it_is_found(text: str) -> None:
    assert MACHINE_PATH.findall(text)


LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
ADDRESS = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|^-[fi] |(?<!\w)[\w-]+@ ", re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_when_a_lock_file_is_made_then_it_names_no_registry(lock: Path) -> None:
    assert ADDRESS.findall(lock.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "--index-url https://registry.example/simple",
        "--find-links wheels",
        "-f wheels",
        "rasa @ https://x.example/r.whl",
    ],
)
def test_when_a_registry_is_planted_then_it_is_found(text: str) -> None:
    assert ADDRESS.findall(text)


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if "overrides" not in lock.name], ids=lambda lock: lock.name)
def test_when_a_lock_file_pins_a_package_then_it_pins_its_hash(lock: Path) -> None:
    joined = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    pinned = [line for line in joined.splitlines() if re.match(r"[A-Za-z0-9]", line)]

    assert pinned
    assert [line[:60] for line in pinned if "==" not in line or "--hash=sha256:" not in line] == []


def anchors(page: Path) -> set[str]:
    """The anchors that headings make, as web hosts of git make them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.strip().lower()).replace(" ", "-") for head in heads}


def links(page: Path) -> list[str]:
    without_code = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"\]\(<?([^)>\s]+)>?[^)]*\)|(?:src|href)=\"([^\"]+)\"", without_code)
    return [first or second for first, second in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_when_a_page_links_into_the_project_then_the_target_is_there(page: Path) -> None:
    missing = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            missing.append(link)

    assert missing == []


def test_when_pages_are_listed_then_the_important_ones_are_there() -> None:
    names = {str(page.relative_to(ROOT)) for page in PAGES}

    assert {"README.md", "CHANGELOG.md", "docs/architecture.md", "docs/settings.md", "docs/api.md"} <= names
