"""Pages: which addresses are followed, and that one page is on its way while the last one is stored."""

from __future__ import annotations

import threading

import pytest

from exact_connector.errors import BudgetExhausted, ExactUnavailable
from exact_connector.exact.http.paging import FetchedPage, check_next, pages_ahead

BASE = "https://start.exactonline.nl"
GOOD = f"{BASE}/api/v1/123456/sync/Logistics/Items?$skiptoken=17L"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://evil.example/api/v1/123456/sync/Logistics/Items", id="another host"),
        pytest.param("http://start.exactonline.nl/api/v1/123456/x", id="without TLS"),
        pytest.param("https://start.exactonline.nl@evil.example/api/v1/123456/x", id="a host behind a user name"),
        pytest.param("https://start.exactonline.nl:8443/api/v1/123456/x", id="another port"),
        pytest.param("https://start.exactonline.nl/api/v1/999999/x", id="another administration"),
        pytest.param("https://start.exactonline.nl/docs/x", id="outside the API"),
        pytest.param("/api/v1/123456/x", id="relative"),
        pytest.param(f"{BASE}/api/v1/123456/now", id="the page itself"),
    ],
)
def test_a_next_page_elsewhere_is_never_asked_for(url: str) -> None:
    with pytest.raises(ExactUnavailable):
        check_next(url, base_url=BASE, division=123456, current=f"{BASE}/api/v1/123456/now")


def test_the_next_address_is_kept_byte_by_byte() -> None:
    assert check_next(GOOD, base_url=BASE + "/", division=123456, current="") == GOOD
    assert check_next(None, base_url=BASE, division=123456, current="") is None


def chain(length: int) -> dict[str | None, FetchedPage]:
    names: list[str | None] = [None, *(str(number) for number in range(1, length))]
    following = [*names[1:], None]
    return {name: FetchedPage([{"page": name}], after, 10) for name, after in zip(names, following, strict=True)}


def test_every_page_comes_once_and_in_order() -> None:
    pages = chain(5)
    seen = [page.rows[0]["page"] for page in pages_ahead(lambda at: pages[at], None, ahead=lambda: True)]
    assert seen == [None, "1", "2", "3", "4"]


def test_a_cursor_continues_where_it_points() -> None:
    pages = chain(5)
    assert len(list(pages_ahead(lambda at: pages[at], "3", ahead=lambda: True))) == 2


def test_the_next_page_is_fetched_while_the_caller_holds_the_last_one() -> None:
    pages, asked = chain(3), threading.Event()

    def fetch(at: str | None) -> FetchedPage:
        if at == "1":
            asked.set()
        return pages[at]

    reading = pages_ahead(fetch, None, ahead=lambda: True)
    next(reading)
    assert asked.wait(5)
    reading.close()


def test_a_caller_that_is_about_to_stop_costs_no_call() -> None:
    pages, calls = chain(5), []

    def fetch(at: str | None) -> FetchedPage:
        calls.append(at)
        return pages[at]

    reading = pages_ahead(fetch, None, ahead=lambda: False)
    next(reading)
    next(reading)
    reading.close()
    assert calls == [None, "1"]


def test_what_a_fetch_raises_comes_up_where_its_page_is_asked_for() -> None:
    pages = chain(3)

    def fetch(at: str | None) -> FetchedPage:
        if at == "1":
            raise BudgetExhausted("no call is left")
        return pages[at]

    reading = pages_ahead(fetch, None, ahead=lambda: True)
    assert next(reading).next_url == "1"
    with pytest.raises(BudgetExhausted):
        next(reading)
