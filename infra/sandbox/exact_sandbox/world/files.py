"""Pictures, thumbnails, logos and attachments as real PNG and PDF bytes, behind the bearer token.

A generated picture is drawn from the Guid of its owner and its file name, so it is always the same and no two owners
share one; its bytes are a PNG whatever the name ends in. What a client uploaded is given back byte for byte.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from aiohttp import web

from exact_sandbox.world.store import Division, User, World

FULL, THUMBNAIL = (240, 180), (60, 45)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def png(seed: str, size: tuple[int, int]) -> bytes:
    """Draw a PNG of four coloured fields and a border, from the digits of a Guid."""
    width, height = size
    number = int(seed.replace("-", "") or "0", 16)
    colours = [bytes(((number >> shift) & 255, (number >> shift + 8) & 255, (number >> shift + 16) & 255))
               for shift in (0, 24, 48, 72)]  # fmt: skip
    lines = []
    for row in range(height):
        top = 0 if row < height // 2 else 2
        lines.append(b"\x00" + colours[top] * (width // 2) + colours[top + 1] * (width - width // 2))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(lines), 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def pdf(title: str) -> bytes:
    """Write a one-page PDF that shows a title."""
    shown = title.encode("latin-1", "replace").decode("latin-1").replace("\\", "\\\\").replace("(", "\\(")
    stream = f"BT /F1 18 Tf 50 780 Td ({shown.replace(')', chr(92) + ')')}) Tj ET"
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
    ]
    out, offsets = "%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{part}\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n" + "".join(f"{each:010d} 00000 n \n" for each in offsets)
    out += f"trailer << /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return out.encode("latin-1")


def uploaded(division: Division, owner: str) -> bytes | None:
    """Return the newest bytes that a client uploaded for this record, or None."""
    rows = division.table("Files").lookup("Owner", owner) or []
    newest = max(rows, key=lambda row: row["Timestamp"], default=None)
    return None if newest is None else newest["Bytes"]


def attachment(division: Division, key: str) -> tuple[str, bytes] | None:
    """Return file name and bytes of a document's attachment, or None when there is none."""
    row = division.table("DocumentAttachments").get(key)
    if row is None:
        return None
    data = uploaded(division, key)
    if data is None:
        data = pdf(row["FileName"]) if row["FileName"].lower().endswith(".pdf") else png(key, FULL)
    return row["FileName"], data


def content_type(data: bytes) -> str:
    """Return the media type of bytes by their first few."""
    if data.startswith(b"\x89PNG"):
        return "image/png"
    if data.startswith(b"\xff\xd8"):
        return "image/jpeg"
    return "application/pdf" if data.startswith(b"%PDF") else "application/octet-stream"


def handler(world: World, user_of: Callable[[web.Request], User | None]) -> Handler:
    """Return the handler of `/docs/{tail:.*}`. `user_of` gives the user of a valid bearer token, else None (401)."""

    async def handle(request: web.Request) -> web.StreamResponse:
        user = user_of(request)
        if user is None:
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        tail = request.match_info.get("tail", "")
        if tail.startswith("images/placeholder_"):
            return web.Response(body=png("0", THUMBNAIL), content_type="image/png")
        code = request.query.get("_Division_", "")
        division = world.divisions.get(int(code)) if code.isdigit() else None
        if division is None or division.code not in user.divisions:
            return web.Response(status=403, text="Forbidden - WrongDivision")
        key = request.query.get("ID", "").strip("{}").lower()
        if tail == "SysAttachment.aspx":
            return _attachment(division, key, download=request.query.get("Download") == "1")
        if tail == "SysImage.aspx":
            small = "ThumbSize" in request.query
            return _picture(division, request.query.get("Table", ""), key, small=small)
        return web.Response(status=404)

    return handle


def _attachment(division: Division, key: str, *, download: bool) -> web.Response:
    found = attachment(division, key)
    if found is None:
        return web.Response(status=404)
    name, data = found
    if not download:
        page = (
            f"<html><body><a href='?ID={key}&amp;_Division_={division.code}&amp;Download=1'>Download</a></body></html>"
        )
        return web.Response(text=page, content_type="text/html")
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return web.Response(body=data, content_type=content_type(data), headers={"Content-Disposition": disposition})


def _picture(division: Division, table: str, key: str, *, small: bool) -> web.Response:
    name = {"Items": "PictureName", "Accounts": "LogoFileName"}.get(table)
    row = division.table(table).get(key) if name else None
    if row is None or name is None or not row.get(name):
        return web.Response(status=404)
    data = uploaded(division, key)
    if data is None:
        # the picture changes with the record's name for it, as after an upload in Exact's own pages
        seed = hashlib.md5(f"{key}/{row[name]}".encode(), usedforsecurity=False).hexdigest()
        data = png(seed, THUMBNAIL if small else FULL)
    return web.Response(body=data, content_type=content_type(data))
