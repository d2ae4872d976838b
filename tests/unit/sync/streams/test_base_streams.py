"""The streams that every tenant has are written down with the reason, as the code has them."""

from __future__ import annotations

import re
from pathlib import Path

from exact_connector.sync.streams.catalogue import BASE, STREAMS

DOCS = Path(__file__).resolve().parents[4] / "docs" / "sync.md"


def test_the_table_of_base_streams_names_every_one_with_its_endpoint_and_a_reason() -> None:
    table = DOCS.read_text().partition("| base stream |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| `([\w/]+)` \| (.+) \|$", table, re.MULTILINE)
    assert {name: path for name, path, _ in rows} == {name: STREAMS[name].path for name in BASE}
    assert all(reason.strip() for _, _, reason in rows)
