"""Packed values come back as they went in, whatever their size."""

from __future__ import annotations

import random
import zlib
from decimal import Decimal

import pytest

from exact_connector.storage.packing import compress, pack, unpack

LENGTHS = [0, 1, 255, 256, 511, 512, 4095, 4096, 16_383, 16_384, 70_000]


@pytest.mark.parametrize("length", LENGTHS)
def test_any_reader_of_zlib_reads_what_was_compressed(length: int) -> None:
    chance = random.Random(length)
    for text in (chance.randbytes(length), b"ab" * (length // 2)):
        assert zlib.decompress(compress(text)) == text


@pytest.mark.parametrize("length", LENGTHS)
def test_a_small_compressor_makes_hardly_anything_larger(length: int) -> None:
    text = " ".join(str(number % 97) for number in range(length)).encode()[:length]
    assert len(compress(text)) <= 1.02 * len(zlib.compress(text, 1)) + 8


def test_equal_values_are_packed_alike() -> None:
    value = [["id", 1, {"Price": Decimal("1.25"), "Name": "é"}]]
    assert pack(value) == pack([["id", 1, {"Price": Decimal("1.25"), "Name": "é"}]])
    assert unpack(pack(value)) == value
