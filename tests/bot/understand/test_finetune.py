"""What the readers are taught. How they are taught needs PyTorch, which is in no environment; it checks itself."""

from __future__ import annotations

from bot.understand import finetune
from bot.understand.finetuned import READERS, learned_by

ASKED = [(f"how long does step {place} take?", False) for place in range(60)] + [
    (f"my son has fever since {place} hours", True) for place in range(30)
]
TOLD = [(f"She shakes all over, room {place:02}", True) for place in range(40)] + [
    (f"nobody shakes in room {place:02}", False) for place in range(40)
]


def test_when_the_release_is_made_then_messages_and_examples_are_read_in_english_alone() -> None:
    asked, told = finetune.messages()
    assert len(asked) > 10_000
    assert len(told) > 10_000
    assert {red for _, red in asked} == {red for _, red in told} == {True, False}
    assert not any("травм" in text or "发烧" in text for text, _ in (*asked, *told))


def test_when_messages_are_halved_then_each_is_learned_by_one_reader_and_danger_by_all_of_its_half() -> None:
    halves = [finetune.of_half(reader, ASKED, TOLD) for reader in range(READERS)]
    own = [{text for text, _ in ASKED + TOLD if learned_by(text) == reader} for reader in range(READERS)]
    for reader, half in enumerate(halves):
        learned = {text for text, _ in half}
        assert learned >= {text.lower() for text in own[reader]}
        assert not learned & {text.lower() for text in own[1 - reader]}


def test_when_messages_stand_beside_others_then_they_stay_with_the_reader_of_their_half() -> None:
    for reader in range(READERS):
        half = finetune.of_half(reader, ASKED, TOLD)
        mixed = [(text, red) for text, red in half if "room" in text and text not in {one.lower() for one, _ in TOLD}]
        assert len(mixed) == sum(learned_by(text) == reader for text, _ in TOLD) // 2
        for text, red in mixed:
            held = [(one, dangerous) for one, dangerous in TOLD if text.find(one.lower()) >= 0]
            assert [dangerous for _, dangerous in held] == [red] * len(held)
            assert {learned_by(one) for one, _ in held} == {reader}


def test_when_it_is_done_twice_then_the_same_is_learned() -> None:
    assert finetune.of_half(0, ASKED, TOLD) == finetune.of_half(0, ASKED, TOLD)
