"""What becomes of the bytes that Exact gives for a picture."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from PIL import Image

from exact_connector.assets.images import NoPicture, read_picture


def picture(size: tuple[int, int], form: str = "PNG", mode: str = "RGB", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else None).save(out, form, **more)
    return out.getvalue()


def size_of(body: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(body)) as image:
        return image.size


def test_the_original_is_kept_byte_for_byte_and_named_by_its_content() -> None:
    body = picture((1200, 800))
    found = read_picture(body)
    assert found.original.body == body
    assert found.sha256 == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize(
    ("form", "content_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/gif"), ("WEBP", "image/webp"), ("BMP", "image/bmp")],
)
def test_the_type_is_told_by_the_bytes(form: str, content_type: str) -> None:
    assert read_picture(picture((20, 20), form)).original.content_type == content_type


def test_copies_keep_the_proportions_within_their_longest_side() -> None:
    found = read_picture(picture((1200, 800)))
    assert {size: size_of(file.body) for size, file in found.smaller.items()} == {150: (150, 100), 600: (600, 400)}


def test_no_copy_is_larger_than_the_picture() -> None:
    assert list(read_picture(picture((400, 300))).smaller) == [150]
    assert list(read_picture(picture((150, 150))).smaller) == []


def test_what_can_be_seen_through_stays_so() -> None:
    copy = read_picture(picture((400, 300), mode="RGBA")).smaller[150]
    assert copy.content_type == "image/png"
    assert read_picture(picture((400, 300))).smaller[150].content_type == "image/jpeg"


def test_a_picture_that_lies_on_its_side_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert size_of(read_picture(picture((400, 200), "JPEG", exif=exif)).smaller[150].body) == (75, 150)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Not found</html>", b"%PDF-1.4", picture((400, 300))[:200], b"\x89PNG\r\n\x1a\n" + b"\x00" * 50],
    ids=["nothing", "page", "document", "half_a_picture", "broken"],
)
def test_what_is_no_picture_is_refused(body: bytes) -> None:
    with pytest.raises(NoPicture):
        read_picture(body)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(NoPicture, match="too many"):
        read_picture(picture((9000, 9000), mode="1"))
