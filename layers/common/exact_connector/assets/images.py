"""A picture's bytes -> what it is, and smaller copies of it."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

SIZES = (150, 600)
"""The longest side of the smaller copies, in pixels."""

MOST_PIXELS = 60_000_000
_FORMATS: Mapping[str, str] = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
}


class NoPicture(Exception):
    """The bytes are no picture that can be shown; the text says why."""


@dataclass(frozen=True, slots=True)
class File:
    """Bytes and what they are."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as Exact has it, and its smaller copies by longest side in pixels. ``sha256`` names it."""

    sha256: str
    original: File
    smaller: Mapping[int, File]


def read_picture(body: bytes) -> Picture:
    """Read a picture; raises NoPicture. A copy is made only where it is smaller than the picture itself."""
    with warnings.catch_warnings():
        # A picture beyond the limit is refused below; a warning at half of it tells nobody anything.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(body), formats=tuple(_FORMATS)) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise NoPicture(f"it has {image.width} x {image.height} pixels, too many to be shown")
                content_type = _FORMATS[str(image.format)]
                upright = ImageOps.exif_transpose(image)
                upright.load()
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise NoPicture(f"it is no picture that can be read ({type(error).__name__})") from error
    smaller = {size: _copy(upright, size) for size in SIZES if size < max(upright.size)}
    return Picture(hashlib.sha256(body).hexdigest(), File(body, content_type), smaller)


def _copy(image: Image.Image, size: int) -> File:
    clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    copy = image.convert("RGBA" if clear else "RGB")
    copy.thumbnail((size, size), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    if clear:
        copy.save(out, "PNG", optimize=True)
        return File(out.getvalue(), "image/png")
    copy.save(out, "JPEG", quality=85)
    return File(out.getvalue(), "image/jpeg")
