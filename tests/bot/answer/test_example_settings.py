"""`.env.example` explains every setting, with the default there is."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from bot.settings import ROOT, Settings, read

EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


@pytest.mark.parametrize("spec", fields(Settings), ids=lambda spec: spec.name)
def test_when_a_setting_exists_then_the_example_explains_it(spec: object) -> None:
    name, default = spec.name, spec.default  # type: ignore[attr-defined]
    found = re.findall(rf"((?:^#.*\n)+)^(# )?MARROW_{name.upper()}=(.*)$", EXAMPLE, re.MULTILINE)

    assert len(found) == 1
    comment, commented, value = found[0]
    assert comment.strip("# \n")
    assert value == str(default) if commented else value == "+13264500477"


def test_when_the_example_is_copied_then_it_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(EXAMPLE, encoding="utf-8")

    assert read({}, (file,)) == Settings(contact_phone="+13264500477")
