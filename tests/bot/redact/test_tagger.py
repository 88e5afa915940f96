"""The learned finder beside the rules: what it sees that they do not, and that it keeps to itself."""

from __future__ import annotations

import gc
import json
import threading
from types import FunctionType, ModuleType

import pytest

from bot.errors import WeightsError
from bot.redact import tagger
from bot.redact.tagger import Tagger

UNSEEN = [
    # reason, text, what may not be read, what has to stay
    ("a house told by what stands around it", "we stay behind the old tannery, second lane, blue gate, upstairs, so the taxi can find us", "tannery", "taxi"),
    ("the same in Spanish", "casa amarilla frente al molino viejo, Villa Tresma, portón negro", "molino", ""),
    ("in Russian", "дом за водокачкой, второй поворот налево, зелёные ворота, Верхняя Тресма", "водокачкой", ""),
    ("in Arabic", "يسكن خلف مخبز النور، البيت الثالث على اليمين، باب أخضر", "مخبز", ""),
    ("in Chinese", "住在老水塔旁边的红砖楼，三单元左手第二家", "水塔", "住在"),
    ("a record's number in Swahili", "namba ya faili TRZ 30-88-12", "30-88", "namba"),
    ("a brand is no name", "can I use Carmex or Nivea on my lips", "", "Carmex or Nivea"),
    ("nor is a pump", "what does the Agilia pump alarm mean", "", "Agilia"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "hidden", "stays"), [row[1:] for row in UNSEEN], ids=[row[0] for row in UNSEEN])
def test_when_no_rule_has_a_form_for_it_then_the_tagger_still_knows_it(redactor, text, hidden, stays):
    redacted = redactor.redact(text).text

    assert not hidden or hidden not in redacted
    assert stays in redacted


def test_when_the_model_is_another_one_then_it_is_not_used(tmp_path, monkeypatch):
    other, made = tmp_path / "tagger.npz", tmp_path / "tagger.json"
    other.write_bytes(tagger.MODEL.read_bytes() + b" ")
    made.write_text(tagger.MADE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(tagger, "MODEL", other)
    monkeypatch.setattr(tagger, "MADE", made)

    with pytest.raises(WeightsError, match=r"SHA-256 of tagger\.npz"):
        Tagger()


@pytest.mark.parametrize("content", [None, "", "{}"], ids=["missing", "empty", "without its sum"])
def test_when_the_file_beside_the_model_is_broken_then_it_says_so(tmp_path, monkeypatch, content):
    made = tmp_path / "tagger.json"
    if content is not None:
        made.write_text(content, encoding="utf-8")
    monkeypatch.setattr(tagger, "MADE", made)

    with pytest.raises(WeightsError, match=r"bot\.redact"):
        Tagger()


def test_when_a_text_was_tagged_then_the_tagger_holds_nothing_of_it():
    reader = Tagger()
    _, tags = reader.tags("My name is Zebulon Qzaxwelbush", [], [])
    assert tags[-1].kind == "name"

    seen, left = {id(reader)}, [reader]
    while left:
        one = left.pop()
        assert not (isinstance(one, str) and "xwelb" in one.lower())
        assert not (isinstance(one, bytes | bytearray) and b"xwelb" in bytes(one).lower())
        if isinstance(one, type | ModuleType | FunctionType):
            continue  # the program itself is no memory
        for other in gc.get_referents(one):
            if id(other) not in seen:
                seen.add(id(other))
                left.append(other)
    assert len(seen) > 100_000  # its vocabulary was looked through


@pytest.mark.parametrize("content", [b"", b"PK", None], ids=["empty", "no archive", "missing"])
def test_when_a_model_cannot_be_read_then_it_says_which(tmp_path, content):
    other = tmp_path / "other.npz"
    if content is not None:
        other.write_bytes(content)

    with pytest.raises(WeightsError, match=r"other\.npz"):
        Tagger(other)


@pytest.mark.parametrize("text", ["", " \n", "…", "\U0001f600", "a" * 4000], ids=["nothing", "spaces", "a sign", "emoji", "one long word"])  # fmt: skip
def test_when_there_is_nothing_to_tag_then_it_says_nothing(text):
    pieces, tags = Tagger().tags(text, [], [])

    assert len(pieces) == len(tags)
    assert all(0.0 <= tag.hidden <= 1.0 for tag in tags)


def test_when_several_threads_redact_then_each_gets_its_own_text_back(redactor):
    texts = {f"my file is QX-{number}-77 and my mother is Olga Petrova": number for number in range(100, 140)}
    alone = {text: redactor.redact(text).text for text in texts}
    found: dict[str, str] = {}

    def redact(some: list[str]) -> None:
        for text in some:
            found[text] = redactor.redact(text).text

    names = list(texts)
    threads = [threading.Thread(target=redact, args=(names[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == alone


def test_when_the_release_is_asked_then_what_made_the_model_is_written_down():
    made = json.loads(tagger.MADE.read_text(encoding="utf-8"))

    assert any(name.endswith("english.jsonl") for name in made["from"])
    assert not any("sealed" in name for name in made["from"])
