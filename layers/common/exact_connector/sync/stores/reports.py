"""The report of records that could not be used: key, reason, when; the rest of the page went on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from exact_connector.clock import from_text, to_text
from exact_connector.storage.table import Key, Table, read_page
from exact_connector.sync.results import Poison

_TEXT = 300
_MOST_KNOWN = 1_000


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One record that was skipped, as an administrator sees it."""

    source: str
    key: str
    code: str
    message: str
    at: datetime


@dataclass
class Known:
    """The lines of a stream or family as they were when work began: key -> codes. ``settled``: lines whose record was
    seen since without that fault."""

    codes: Mapping[str, set[str]]
    settled: set[tuple[str, str]] = field(default_factory=set)

    def seen(self, key: str, codes: Collection[str] = ()) -> None:
        """Note that a record was looked at, and what is wrong with it now."""
        for code in self.codes.get(key, ()):
            if code not in codes:
                self.settled.add((code, key))


class Reports:
    """The reports of the deployment; one line per source, key and code, so repeats do not pile up."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, tenant: str, source: str, lines: Iterable[Poison], now: datetime) -> None:
        """Keep why records were skipped."""
        self._table.batch_write(
            [
                {
                    "pk": f"report#{tenant}",
                    "sk": f"{source}#{each.code}#{each.key}",
                    "source": source,
                    "key": each.key,
                    "code": each.code,
                    "message": each.message[:_TEXT],
                    "at": to_text(now),
                }
                for each in {(each.code, each.key): each for each in lines}.values()
            ]
        )

    def of(self, tenant: str, *, source: str | None = None, limit: int = 100) -> Sequence[ReportLine]:
        """Return report lines, of one stream or family when named."""
        prefix = None if source is None else f"{source}#"
        page = read_page(self._table, f"report#{tenant}", limit, prefix=prefix)
        return [
            ReportLine(
                str(row["source"]), str(row["key"]), str(row["code"]), str(row["message"]), from_text(str(row["at"]))
            )
            for row in page.rows
        ]

    def known(self, tenant: str, source: str) -> Known:
        """Return what was reported of a stream or family, to be held against what is seen now."""
        lines = self.of(tenant, source=source, limit=_MOST_KNOWN)
        codes: dict[str, set[str]] = {}
        for line in lines:
            codes.setdefault(line.key, set()).add(line.code)
        return Known(codes)

    def clear(self, tenant: str, source: str, settled: Iterable[tuple[str, str]]) -> None:
        """Remove the lines of records that work again, by (code, key)."""
        rows = [Key(f"report#{tenant}", f"{source}#{code}#{key}") for code, key in settled]
        if rows:
            self._table.batch_write(deletes=rows)
