"""Single values as the languages and shops of clients write them: taken where they have one meaning, else refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.client_values import (
    WrongValueError,
    country_value,
    day_value,
    decimal_value,
    flag_value,
    guid_value,
    moment_value,
    text_value,
)

DECIMALS: list[Any] = [
    pytest.param("12.50", "12.5", id="text"),
    pytest.param(12, "12", id="whole"),
    pytest.param(12.0, "12", id="a float of PHP or JavaScript"),
    pytest.param("12.0000", "12", id="Magento writes four decimals"),
    pytest.param(8.264462809917356, "8.264462809917", id="WooCommerce: a price without VAT as a float"),
    pytest.param(0.1 + 0.2, "0.3", id="a binary fraction"),
    pytest.param("1E+3", "1000", id="BigDecimal of Java"),
    pytest.param("5E-05", "0.00005", id="a double of .NET"),
    pytest.param("1.", "1", id="a point without decimals"),
    pytest.param("\u200b 3\u00a0", "3", id="invisible characters around"),
    pytest.param("", None, id="empty is absent"),
    pytest.param(None, None, id="null is absent"),
    pytest.param("1e-999", "0", id="next to nothing"),
]


@pytest.mark.parametrize(("written", "expected"), DECIMALS)
def test_numbers(written: object, expected: str | None) -> None:
    assert decimal_value(written) == (None if expected is None else Decimal(expected))


WRONG_DECIMALS: list[Any] = [
    pytest.param("1,5", '"1.5"', id="a decimal comma"),
    pytest.param("1.234,50", '"1234.50"', id="Dutch thousands"),
    pytest.param("1,234.50", '"1234.50"', id="English thousands"),
    pytest.param("1,500", "may mean 1.500 or 1500", id="one and a half, or fifteen hundred"),
    pytest.param("€ 12.50", 'the number alone: "12.50"', id="a currency"),
    pytest.param("€ 12,50", '"12.50"', id="a currency and a comma"),
    pytest.param("10 %", 'the number alone: "10"', id="a percentage"),
    pytest.param("ten", "no number", id="a word"),
    pytest.param("٣", "no number", id="digits of another script"),
    pytest.param(True, "no number", id="a flag"),
    pytest.param([], "no number", id="a list"),
    pytest.param(float("nan"), "no number", id="not a number"),
    pytest.param(float("-inf"), "no number", id="infinity"),
    pytest.param(10**12, "12 digits", id="too large"),
    pytest.param("1e99", "12 digits", id="far too large"),
]


@pytest.mark.parametrize(("written", "words"), WRONG_DECIMALS)
def test_what_is_no_number_is_refused_with_the_right_form(written: object, words: str) -> None:
    with pytest.raises(WrongValueError) as refused:
        decimal_value(written)
    assert words in str(refused.value)


TEXTS: list[Any] = [
    pytest.param(" Jansen \t BV ", "Jansen BV", id="blanks"),
    pytest.param("Jansen &amp; Zn", "Jansen & Zn", id="an HTML entity"),
    pytest.param("Caf&eacute; &#39;t Hoekje&#x21;", "Café 't Hoekje!", id="entities by name and number"),
    pytest.param("x &notanentity; AT&T & R&D", "x &notanentity; AT&T & R&D", id="ampersands that are none"),
    pytest.param("Cafe\u0301", "Caf\u00e9", id="a decomposed letter"),
    pytest.param("\ufeff100007\u200b", "100007", id="invisible characters"),
    pytest.param("a\u00a0b", "a b", id="a blank that does not break"),
    pytest.param("", None, id="empty"),
    pytest.param("  ", None, id="blank"),
    pytest.param(None, None, id="null"),
    pytest.param(12, "12", id="a number"),
    pytest.param(12.0, "12", id="a float"),
    pytest.param(820982911946154508, "820982911946154508", id="Shopify: an id of eighteen digits"),
]


@pytest.mark.parametrize(("written", "expected"), TEXTS)
def test_texts(written: object, expected: str | None) -> None:
    assert text_value(written, limit=60, numbers=True) == expected


WRONG_TEXTS: list[Any] = [
    pytest.param(7, '"7", with its leading zeros', id="a number for a code"),
    pytest.param(1.5, "text in quotes", id="a fraction"),
    pytest.param(True, "text in quotes", id="a flag"),
    pytest.param({}, "text in quotes", id="an object"),
    pytest.param(10**5000, "text in quotes", id="five thousand digits"),
    pytest.param("a\x00b", "cannot be printed", id="a control character"),
    pytest.param("a\ud800b", "cannot be printed", id="half a character"),
    pytest.param("x" * 61, "at most 60", id="too long"),
]


@pytest.mark.parametrize(("written", "words"), WRONG_TEXTS)
def test_what_is_no_text_is_refused(written: object, words: str) -> None:
    with pytest.raises(WrongValueError) as refused:
        text_value(written, limit=60)
    assert words in str(refused.value)


DAYS: list[Any] = [
    pytest.param("2025-06-20", id="ISO"),
    pytest.param(" 2025-06-20 ", id="blanks"),
    pytest.param("20250620", id="ISO without dashes"),
    pytest.param("2025-06-20T00:00:00", id=".NET without a zone"),
    pytest.param("2025-06-20T00:00:00.0000000+02:00", id=".NET with an offset"),
    pytest.param("2025-06-20 00:00:00", id="MySQL and Magento"),
    pytest.param("2025-06-20T23:59:59", id="a time without a zone"),
    pytest.param("2025-06-19T22:00:00.000Z", id="JavaScript: midnight in Amsterdam as UTC"),
    pytest.param("2025-06-20T00:00:00Z", id="midnight in UTC"),
    pytest.param("2025-06-20T00:00:00+09:00", id="midnight of another zone is the date as written"),
    pytest.param("2025-06-20T00:00:00-05:00", id="midnight in New York"),
    pytest.param("2025-06-20T15:30:00+0200", id="PHP: an offset without a colon"),
    pytest.param("2025-06-20T09:30+02:00[Europe/Amsterdam]", id="Java: with the name of the zone"),
]


@pytest.mark.parametrize("written", DAYS)
def test_dates(written: str) -> None:
    assert day_value(written) == date(2025, 6, 20)


@pytest.mark.parametrize("written", [None, ""], ids=["null", "empty"])
def test_no_date(written: object) -> None:
    assert (day_value(written), moment_value(written)) == (None, None)


WRONG_DAYS: list[Any] = [
    pytest.param("20-06-2025", "say 2025-06-20", id="Dutch"),
    pytest.param("20/6/2025", "say 2025-06-20", id="slashes"),
    pytest.param("05/06/2025", "YYYY-MM-DD", id="May or June"),
    pytest.param("2025-02-30", "exists", id="impossible"),
    pytest.param("2025-06-20T25:00:00", "exists", id="an impossible time"),
    pytest.param("0001-01-01T00:00:00", "year 1", id="no date in .NET"),
    pytest.param("9999-12-31", "year 9999", id="never"),
    pytest.param("0000-00-00 00:00:00", "exists", id="no date in MySQL"),
    pytest.param(1750370400, "YYYY-MM-DD", id="seconds since 1970"),
    pytest.param("/Date(1750370400000)/", "YYYY-MM-DD", id="old .NET"),
    pytest.param(True, "YYYY-MM-DD", id="a flag"),
]


@pytest.mark.parametrize(("written", "words"), WRONG_DAYS)
def test_what_is_no_date_is_refused_with_the_right_form(written: object, words: str) -> None:
    with pytest.raises(WrongValueError) as refused:
        day_value(written)
    assert words in str(refused.value)
    if not isinstance(written, str) or "year" not in words:
        assert "1750370400" not in str(refused.value)


MOMENTS: list[Any] = [
    pytest.param("2025-06-10T09:30:00+02:00", id="ISO"),
    pytest.param("2025-06-10T07:30:00Z", id="UTC"),
    pytest.param("2025-06-10T07:30:00.000000000z", id="nanoseconds"),
    pytest.param("2025-06-10 09:30:00 +0200", id="Ruby and PHP"),
    pytest.param("2025-06-10T09:30:00+02:00[Europe/Amsterdam]", id="Java"),
    pytest.param(datetime(2025, 6, 10, 9, 30, tzinfo=timezone(timedelta(hours=2))), id="typed"),
]


@pytest.mark.parametrize("written", MOMENTS)
def test_moments(written: object) -> None:
    assert moment_value(written) == datetime(2025, 6, 10, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("written", ["2025-06-10T09:30:00", "2025-06-10", "now", 5, datetime(2025, 6, 10)])  # noqa: DTZ001
def test_a_moment_without_a_zone_is_refused(written: object) -> None:
    with pytest.raises(WrongValueError, match="offset"):
        moment_value(written)


FLAGS: list[Any] = [
    *((written, True) for written in (True, 1, 1.0, "true", " True ", "1", "yes")),
    *((written, False) for written in (False, 0, "false", "FALSE", "0", "no")),
    *((written, None) for written in (None, "", " ")),
]


@pytest.mark.parametrize(("written", "expected"), FLAGS)
def test_flags(written: object, expected: bool | None) -> None:
    assert flag_value(written) is expected


@pytest.mark.parametrize("written", ["maybe", 2, [], {}, "on "])
def test_what_is_no_flag_is_refused(written: object) -> None:
    with pytest.raises(WrongValueError, match="true, false or null"):
        flag_value(written)


GUIDS: list[Any] = [
    pytest.param("{3F2504E0-4F89-11D3-9A0C-0305E82C3301}", id="braces and capitals"),
    pytest.param("3f2504e04f8911d39a0c0305e82c3301", id=".NET without dashes"),
]


@pytest.mark.parametrize("written", GUIDS)
def test_ids(written: str) -> None:
    assert guid_value(written) == "3f2504e0-4f89-11d3-9a0c-0305e82c3301"


def test_the_empty_id_is_absent() -> None:
    assert guid_value("00000000-0000-0000-0000-000000000000") is None
    with pytest.raises(WrongValueError, match="must be an ID"):
        guid_value("25")


COUNTRIES: list[Any] = [
    *((written, "NL") for written in ("NL", "nl ", "NLD", "Netherlands", "the Netherlands", "Nederland", "Pays-Bas")),
    *((written, "GB") for written in ("UK", "GB", "GBR", "United Kingdom", "Groot-Brittannië")),
    *((written, "GR") for written in ("EL", "GR", "Greece")),
    *(("België", "BE"), ("BELGIE", "BE"), ("Österreich", "AT"), ("Großbritannien", "GB"), ("Türkiye", "TR")),
    *(("XI", "XI"), ("XK", "XK"), ("CW", "CW"), ("", None), (None, None)),
]


@pytest.mark.parametrize(("written", "code"), COUNTRIES)
def test_countries(written: object, code: str | None) -> None:
    assert country_value(written) == code


@pytest.mark.parametrize("written", ["XX", "ZZ", "AN", "Nederlnad", "N", "31", "EU"])
def test_what_is_no_country_is_refused(written: str) -> None:
    with pytest.raises(WrongValueError, match="ISO 3166-1"):
        country_value(written)


def test_a_country_that_is_a_number_is_refused() -> None:
    with pytest.raises(WrongValueError):
        country_value(31)
