"""Failures in words that are not known to judge a record: doubt at first, a verdict when they come again."""

from __future__ import annotations

from functools import reduce

import pytest

from exact_connector.exactly_once.attempts import Unexplained, after_words, verdict_of

TIMED_OUT, NO_OBJECT = "Timeout expired.", "Object reference not set to an instance of an object."


def said(*texts: str) -> Unexplained | None:
    return reduce(after_words, texts, None)


CASES: dict[str, tuple[tuple[str, ...], bool]] = {
    "once": ((NO_OBJECT,), False),
    "twice the same": ((NO_OBJECT, NO_OBJECT), True),
    "the same, written otherwise": ((NO_OBJECT, f" {NO_OBJECT.upper()}\r\n"), True),
    "two different": ((NO_OBJECT, TIMED_OUT), False),
    "again after another": ((NO_OBJECT, TIMED_OUT, NO_OBJECT), False),
    "again after a doubt without words": ((NO_OBJECT, "", NO_OBJECT), True),
    "always other words": (("a", "b", "c", "d"), False),
    "for the fifth time, always other words": (("a", "b", "c", "d", "e"), True),
}


@pytest.mark.parametrize(("texts", "verdict"), CASES.values(), ids=CASES.keys())
def test_words_are_a_verdict_when_they_come_again_or_never_end(texts: tuple[str, ...], verdict: bool) -> None:
    unexplained = said(*texts)
    assert unexplained is not None
    assert unexplained.verdict is verdict


def test_a_doubt_without_words_is_never_a_verdict() -> None:
    assert said("", "", "") is None


def test_the_verdict_names_exacts_words() -> None:
    unexplained = said(NO_OBJECT, NO_OBJECT)
    assert unexplained is not None
    refusal = verdict_of(unexplained)
    assert refusal.exact_text == NO_OBJECT
    assert "2 attempts" in refusal.message
    assert NO_OBJECT in refusal.message
