"""Changes to the text of Rasa's files that leave every other line, comment and order as they were.

Pure functions from text to text. What stands in a file already is edited by ruamel.yaml, which gives the rest back byte
for byte; what is new is put in as lines, so that comments stay with the entry that they belong to.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from bot.errors import AnswerError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
GROUPS = ("faq_", "topic_")
_ENTRY = re.compile(r"^- ", re.MULTILINE)


def read(text: str) -> Any:
    """The plain content of a YAML text.

    Raises:
        AnswerError: It is no YAML.
    """
    try:
        return yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise AnswerError(f"studio: a file cannot be read ({error}); run ./marrow validate and mend it") from error


# --- tests/stories ----------------------------------------------------------------------------------------------------


def without_story(stories: str, name: str) -> str | None:
    """The file without the stories of this name, every other line as it was; None when no story is left.

    Raises:
        AnswerError: It is no YAML.
    """
    kept, at, left = "", 0, 0
    for start, end in _entries(stories):
        if any(isinstance(one, dict) and one.get("story") == name for one in read(stories[start:end])):
            kept += stories[at:start]
            at = end
        else:
            left += 1
    return kept + stories[at:] if left else None


# --- data/nlu.yml -----------------------------------------------------------------------------------------------------


def examples_of(nlu: str) -> dict[str, list[str]]:
    """Every intent's examples, in order."""
    found: dict[str, list[str]] = {}
    for entry in read(nlu).get("nlu") or ():
        if isinstance(entry, dict) and "intent" in entry:
            lines = entry.get("examples") or ""
            given = lines.splitlines() if isinstance(lines, str) else [f"- {one['text']}" for one in lines]
            found.setdefault(entry["intent"], []).extend(
                line.strip()[1:].strip() for line in given if line.strip().startswith("-")
            )
    return found


def _entries(text: str) -> list[tuple[int, int]]:
    """Where each top entry of the list begins and ends."""
    starts = [found.start() for found in _ENTRY.finditer(text)]
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def _entry(text: str, key: str, value: str) -> tuple[int, int] | None:
    head = re.compile(rf"- {key}: ['\"]?{re.escape(value)}['\"]?\s*(#.*)?$", re.MULTILINE)
    return next(((start, end) for start, end in _entries(text) if head.match(text, start)), None)


def with_examples(nlu: str, intent: str, examples: Sequence[str]) -> str:
    """The file with these examples for an intent, and no entry for it when there are none.

    Raises:
        AnswerError: The entry holds something that cannot be changed here.
    """
    there = _entry(nlu, "intent", intent)
    lines = "".join(f"    - {example}\n" for example in examples)
    if there is None:
        if not examples:
            return nlu
        start, end = [place for place in _entries(nlu) if nlu.startswith("- intent:", place[0])][-1]
        last = end - len(_tail(nlu[start:end]))  # comments behind it belong to what comes next
        block = f"- intent: {intent}\n  examples: |\n{lines}"
        before = nlu[:last] if nlu[:last].endswith("\n") else nlu[:last] + "\n"
        return before + block + nlu[last:]
    start, end = there
    entry = nlu[start:end]
    block_head = re.search(r"^  examples: \|.*\n", entry, re.MULTILINE)
    if block_head is None:
        raise AnswerError(f"data/nlu.yml: {intent}: its examples are in Rasa's long form; change it in an editor")
    if not examples:
        return nlu[:start] + _tail(entry[block_head.end() :]) + nlu[end:]
    return nlu[:start] + entry[: block_head.end()] + lines + _tail(entry[block_head.end() :]) + nlu[end:]


def _tail(entry: str) -> str:
    """What stands behind an entry's examples: empty lines and comments."""
    after = re.search(r"(?:^[ ]{0,3}[^ \n].*\n?|^\n)+\Z", entry, re.MULTILINE)
    return after[0] if after else ""


# --- data/rules.yml, data/stories.yml ---------------------------------------------------------------------------------


def with_rule(rules: str, label: str, intent: str, action: str) -> str:
    """The file with the rule that answers an intent."""
    if any(_answers(rule, intent) for rule in read(rules).get("rules") or ()):
        return rules
    block = f"\n- rule: answer {label}\n  steps:\n  - intent: {intent}\n  - action: {action}\n"
    return rules.rstrip("\n") + "\n" + block


def without_rule(rules: str, label: str) -> str:
    """The file without the rule that was made for a label."""
    there = _entry(rules, "rule", f"answer {label}")
    return rules if there is None else (rules[: there[0]].rstrip("\n") + "\n\n" + rules[there[1] :]).rstrip("\n") + "\n"


def _answers(rule: Any, intent: str) -> bool:
    return isinstance(rule, dict) and any(
        isinstance(step, dict) and step.get("intent") == intent for step in rule.get("steps") or ()
    )


# --- domain.yml -------------------------------------------------------------------------------------------------------


def _yaml() -> YAML:
    made = YAML()
    made.preserve_quotes = True
    made.width = 10**6
    made.indent(mapping=2, sequence=4, offset=2)
    return made


def _dumped(content: Any) -> str:
    out = io.StringIO()
    _yaml().dump(content, out)
    return out.getvalue()


def with_intent(domain: str, intent: str) -> str:
    """The domain with an intent, beside those of its group."""
    known = [next(iter(one)) if isinstance(one, dict) else one for one in read(domain).get("intents") or ()]
    if intent in known:
        return domain
    group = next(group for group in GROUPS if intent.startswith(group))
    last = [one for one in known if str(one).startswith(group)][-1]
    line = re.compile(rf"^  - {re.escape(last)}:?[^\n]*\n", re.MULTILINE).search(domain)
    if line is None:
        raise AnswerError(f"domain.yml: intents: {last} does not stand in a line of its own; add {intent} by hand")
    return domain[: line.end()] + f"  - {intent}\n" + domain[line.end() :]


def without_intent(domain: str, intent: str) -> str:
    """The domain without an intent."""
    return re.sub(rf"^  - {re.escape(intent)}[ ]*\n", "", domain, count=1, flags=re.MULTILINE)


def with_answer(domain: str, response: str, text: str, metadata: Mapping[str, Any]) -> str:
    """The domain with a text and metadata for a response; its other texts, buttons and comments stay.

    Args:
        domain: The file.
        response: Its name, such as `utter_topic_parking`.
        text: The words of the text without a condition.
        metadata: What is to stand in `metadata`; None takes a key away, what is not named stays.
    """
    if response not in (read(domain).get("responses") or {}):
        kept = {key: value for key, value in metadata.items() if value is not None}
        item = {"text": _block(text), "metadata": {key: _value(key, value) for key, value in kept.items()}}
        block = "".join(f"  {line}\n" if line else "\n" for line in _dumped({response: [item]}).splitlines())
        return _put_response(domain, response, block)
    loaded = _yaml().load(domain)
    plain = [one for one in loaded["responses"][response] if not one.get("condition")]
    if len(plain) != 1:
        raise AnswerError(f"domain.yml: responses.{response}: needs exactly one text without a condition")
    item = plain[0]
    if str(item.get("text")) != text:
        item["text"] = _block(text)
    about = item.setdefault("metadata", {})
    for key, value in metadata.items():
        if value is None:
            about.pop(key, None)
        elif key in about:
            if _plain(about[key]) != value:
                about[key] = _value(key, value)
        else:  # not last: the lines behind the last one belong to what comes next
            about.insert(max(0, len(about) - 1), key, _value(key, value))
    return _dumped(loaded)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else value


def _block(text: str) -> Any:
    return LiteralScalarString(text)


def _value(key: str, value: Any) -> Any:
    from ruamel.yaml.comments import CommentedSeq

    if key in ("reviewed_on", "review_by"):
        return DoubleQuotedScalarString(value)  # Rasa cannot keep a bare date
    if isinstance(value, list | tuple):
        flow = CommentedSeq(value)
        flow.fa.set_flow_style()
        return flow
    return value


def _put_response(domain: str, response: str, block: str) -> str:
    """Puts a response's lines behind the last of its group."""
    group = next(group for group in GROUPS if response.startswith(f"utter_{group}"))
    heads = [found.start() for found in re.finditer(rf"^  utter_{group}\w+:", domain, re.MULTILINE)]
    after = re.compile(r"^(?:  [^ \n]|[^ \n])", re.MULTILINE).search(domain, domain.index("\n", heads[-1]) + 1)
    at = after.start() if after else len(domain)
    before = domain[:at].rstrip("\n") + "\n\n"
    return before + block + ("\n" if after else "") + domain[at:]


def without_answer(domain: str, response: str) -> str:
    """The domain without a response."""
    head = re.compile(rf"^  {re.escape(response)}:[ ]*\n", re.MULTILINE).search(domain)
    if head is None:
        return domain
    after = re.compile(r"^(?:  [^ \n]|[^ \n])", re.MULTILINE).search(domain, head.end())
    rest = domain[after.start() :] if after else ""
    return domain[: head.start()] + rest if rest else domain[: head.start()].rstrip("\n") + "\n"
