"""Which price lists exist for a tenant, which are delivered, and which are generated in other currencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.catalog.dates import earliest, next_boundary
from exact_connector.catalog.projection import Warning
from exact_connector.fields import Row
from exact_connector.settings import Settings, parsed

STANDARD = "STANDARD"
ITEM_GROUP_ENTITY = 2
SPECIAL_OFFER = 2

Reference = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class PriceList:
    """One `SalesPriceList`; ``slot`` is 2-4 when a setting names it, None otherwise."""

    list_id: str
    code: str
    description: str | None
    currency: str
    for_item_groups: bool
    slot: int | None = None


class Period(NamedTuple):
    """One `SalesPriceListPeriod` of a list."""

    list_id: str
    special: bool
    start: date | None
    end: date | None


NoList = Literal["no_list", "excluded", "not_synced", "currency_mismatch"]
"""Why a customer has no price list."""


@dataclass(frozen=True, slots=True)
class Link:
    """The list a customer is linked to: its code, the list behind it, the currency, and why if there is none.

    ``rate`` is set for a generated list: base currency prices divide by it.
    """

    code: str | None
    price_list: PriceList | None
    currency: str | None
    reason: NoList | None = None
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PriceListBook:
    """The price lists of a tenant on one date.

    ``known`` are the lists that are not excluded, by ID; ``delivered`` the ones that go to clients, in the order of
    slot and code. ``rates`` are the usable exchange rates by currency, empty unless lists are generated. ``generated``
    maps the code of a source list (or `STANDARD`) to the currencies of its generated twins.
    """

    known: Mapping[str, PriceList]
    delivered: Mapping[str, PriceList]
    excluded: frozenset[str]
    periods: Mapping[str, Period]
    rates: Mapping[str, Decimal]
    generated: Mapping[str, tuple[str, ...]]
    staffel: PriceList | None
    warnings: tuple[Warning, ...]
    changes_on: date | None

    def link(self, list_id: str | None, currency: str, *, check_currency: bool) -> Link:
        """Return the list to which a customer with that `Account.PriceList` and currency is linked."""
        wanted = (list_id or "").lower()
        if not wanted:
            return Link(None, None, None, "no_list")
        found = self.delivered.get(wanted)
        if found is None:
            return Link(None, None, None, "excluded" if wanted in self.excluded else "not_synced")
        if not check_currency or found.currency == currency:
            return Link(found.code, found, found.currency)
        if currency in self.generated.get(found.code, ()):
            return Link(generated_code(found.code, currency), found, currency, rate=self.rates[currency])
        return Link(None, None, None, "currency_mismatch")


def generated_code(code: str, currency: str) -> str:
    """Return the code of the list generated from another one in a currency."""
    return f"{code}-{currency}"


def read_book(settings: Settings, today: date, base_currency: str, reference: Reference) -> PriceListBook:
    """Read the price lists from the reference rows ``price_list``, ``price_list_period`` and ``exchange_rate``."""
    lists = _read_lists(reference.get("price_list", ()), base_currency)
    unwanted = {fold_id(entry) for entry in parsed.codes(settings.ExcludePriceList)}
    excluded = frozenset(entry.list_id for entry in lists if names(entry) & unwanted)
    known = {entry.list_id: entry for entry in lists if entry.list_id not in excluded}
    delivered, problems = _delivered(settings, known, excluded_names=unwanted)
    rates, rate_problems, rates_change = {}, [], None  # type: dict[str, Decimal], list[Warning], date | None
    if settings.GenerateCurrencyPriceLists:
        rates, rate_problems, rates_change = read_rates(reference.get("exchange_rate", ()), base_currency, today)
    return PriceListBook(
        known=known,
        delivered=delivered,
        excluded=excluded,
        periods=_read_periods(reference.get("price_list_period", ())),
        rates=rates,
        generated=_generated(known.values(), delivered.values(), base_currency, rates),
        staffel=find(known.values(), settings.PriceListCodeForStaffelFreeField),
        warnings=(*problems, *_staffel_problems(settings, known, unwanted), *rate_problems),
        changes_on=rates_change,
    )


def find(lists: Iterable[PriceList], name: str) -> PriceList | None:
    """Return the list with that code or ID."""
    wanted = fold_id(name)
    return next((entry for entry in lists if wanted in names(entry)), None) if wanted else None


def names(entry: PriceList) -> set[str]:
    """Return what a setting may call a list: its code and its ID, as `fold_id` compares them."""
    return {fold_id(entry.code), fold_id(entry.list_id)}


def fold_id(name: str) -> str:
    """Return a code or GUID as they are compared: trimmed, braces off, without regard to capitals."""
    return code_key(name.strip().removeprefix("{").removesuffix("}"))


def read_rates(
    rows: Sequence[Row], base_currency: str, today: date
) -> tuple[dict[str, Decimal], list[Warning], date | None]:
    """Return the latest rate per currency that started by today, the currencies without one, and the next start."""
    latest: dict[str, tuple[date, str, Decimal]] = {}
    seen: set[str] = set()
    upcoming: list[date] = []
    for row in rows:
        currency = code_key(row.get("SourceCurrency"))
        if code_key(row.get("TargetCurrency")) != base_currency or currency in ("", base_currency):
            continue
        seen.add(currency)
        start = fields.day(row, "StartDate") or date.min
        if start > today:
            upcoming.append(start)
            continue
        candidate = (start, fields.text(row, "ID") or "", fields.number(row, "Rate") or Decimal(0))
        latest[currency] = max(latest.get(currency, candidate), candidate)
    rates = {currency: rate for currency, (_, _, rate) in sorted(latest.items()) if rate > 0}
    missing = [
        Warning(
            "EXCHANGE_RATE_MISSING",
            f"no usable exchange rate from {base_currency} to {currency}; enter one in Exact",
            currency,
        )
        for currency in sorted(seen - rates.keys())
    ]
    return rates, missing, earliest(*upcoming)


def _read_lists(rows: Sequence[Row], base_currency: str) -> list[PriceList]:
    """Read the lists in order of code; without a code, or with one that is taken, a list cannot be told from others."""
    found: dict[str, PriceList] = {}
    for entry in sorted((_read_list(row, base_currency) for row in rows), key=lambda each: (each.code, each.list_id)):
        if entry.code and entry.list_id:
            found.setdefault(code_key(entry.code), entry)
    return list(found.values())


def _read_list(row: Row, base_currency: str) -> PriceList:
    return PriceList(
        list_id=fields.guid(row, "ID") or "",
        code=fields.text(row, "Code") or "",
        description=fields.text(row, "Description"),
        currency=(fields.text(row, "Currency") or base_currency).upper(),
        for_item_groups=fields.integer(row, "Entity") == ITEM_GROUP_ENTITY,
    )


def _read_periods(rows: Sequence[Row]) -> dict[str, Period]:
    return {
        fields.guid(row, "ID") or "": Period(
            fields.guid(row, "PriceList") or "",
            fields.integer(row, "Type") == SPECIAL_OFFER,
            fields.day(row, "StartDate"),
            fields.day(row, "EndDate"),
        )
        for row in rows
    }


def _delivered(
    settings: Settings, known: Mapping[str, PriceList], *, excluded_names: set[str]
) -> tuple[dict[str, PriceList], list[Warning]]:
    """Return the delivered lists by ID: all of them, or the ones in slots 2 to 4, each once in its lowest slot."""
    if settings.AutoSyncPriceLists:
        return dict(known), []
    delivered: dict[str, PriceList] = {}
    problems: list[Warning] = []
    for slot, name in enumerate((settings.PriceList2Id, settings.PriceList3Id, settings.PriceList4Id), start=2):
        entry = find(known.values(), name)
        if entry is not None:
            delivered.setdefault(entry.list_id, _in_slot(entry, slot))
        elif name.strip() and fold_id(name) not in excluded_names:
            problems.append(_unknown_list(f"PriceList{slot}Id", name))
    return delivered, problems


def _staffel_problems(settings: Settings, known: Mapping[str, PriceList], unwanted: set[str]) -> list[Warning]:
    name = settings.PriceListCodeForStaffelFreeField
    if not name.strip() or fold_id(name) in unwanted or find(known.values(), name):
        return []
    return [_unknown_list("PriceListCodeForStaffelFreeField", name)]


def _in_slot(entry: PriceList, slot: int) -> PriceList:
    return PriceList(entry.list_id, entry.code, entry.description, entry.currency, entry.for_item_groups, slot)


def _unknown_list(setting: str, name: str) -> Warning:
    message = (
        f"{setting} names the price list {name.strip()!r}, which Exact does not have; correct or empty the setting"
    )
    return Warning("CONFIG_REFERENCE_NOT_FOUND", message, setting)


def _generated(
    known: Iterable[PriceList], delivered: Iterable[PriceList], base_currency: str, rates: Mapping[str, Decimal]
) -> dict[str, tuple[str, ...]]:
    """Return the currencies generated per source list; a list that exists under the generated code wins."""
    taken = {code_key(entry.code) for entry in known}
    sources = [STANDARD, *(entry.code for entry in delivered if entry.currency == base_currency)]
    return {
        code: tuple(currency for currency in rates if code_key(generated_code(code, currency)) not in taken)
        for code in sources
    }


def next_period_boundary(book: PriceListBook, list_ids: Iterable[str], today: date) -> date | None:
    """Return the next date on which a period of one of these lists opens or has closed."""
    wanted = set(list_ids)
    return earliest(
        *(
            next_boundary(period.start, period.end, today)
            for period in book.periods.values()
            if period.list_id in wanted
        )
    )
