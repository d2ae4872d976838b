"""Follow a resource page by page: the next address verbatim, only on the tenant's own host, one page ahead.

    caller   | stores page 1        | stores page 2        | ...
    thread   |      fetches page 2  |      fetches page 3  |

One page ahead and never more: Exact advises against parallel calls for one company, and its order is only
guaranteed along the chain of ``__next``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from exact_connector.errors import ExactUnavailable

API_ROOT = "/api/v1/"

Fetched = TypeVar("Fetched")


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """One page: its rows, the address of the next one (None at the end) and the bytes of its decoded body."""

    rows: list[dict[str, Any]]
    next_url: str | None
    size: int


def check_next(next_url: str | None, *, base_url: str, division: int | None, current: str) -> str | None:
    """Return the next address if it may be followed: on the tenant's own host and division, and not the page itself.

    Raises ExactUnavailable otherwise, so that the page is read again: the bearer token never goes elsewhere.
    """
    if next_url is None:
        return None
    own, other = urlsplit(base_url), urlsplit(next_url)
    root = API_ROOT if division is None else f"{API_ROOT}{division}/"
    if (other.scheme, other.netloc.lower()) != (own.scheme, own.netloc.lower()) or not other.path.startswith(root):
        raise ExactUnavailable(
            f"the next page is said to be on {other.scheme}://{other.netloc}, which is not this administration's site; "
            "it is not followed"
        )
    if next_url == current:
        raise ExactUnavailable("a page names itself as the next one; it is read again")
    return next_url


@contextmanager
def prefetching(
    fetch: Callable[[str | None], Fetched], *, ahead: bool = True
) -> Iterator[Callable[[str | None], Callable[[], Fetched]]]:
    """Give the function that starts to fetch the page at a cursor (None: the first) and returns how to wait for it.

    One page is fetched at a time, in a thread of its own; ``ahead`` False fetches it when it is waited for. What a
    fetch raises is raised to who waits. A fetch under way is waited for at the end.
    """
    if not ahead:
        yield lambda cursor: lambda: fetch(cursor)
        return
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="exact-page")
    try:
        yield lambda cursor: pool.submit(fetch, cursor).result
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def pages_ahead(
    fetch: Callable[[str | None], FetchedPage], cursor: str | None, *, ahead: Callable[[], bool]
) -> Generator[FetchedPage, None, None]:
    """Yield page after page from ``cursor`` (None: the first); while the caller holds one, the next is on its way.

    ``ahead`` is asked before each page is fetched early; a caller that is about to stop answers False, and no call is
    wasted. What a fetch raises is raised where the caller asks for that page.
    """
    page = fetch(cursor)
    with prefetching(fetch) as start:
        while page.next_url is not None:
            following = page.next_url
            upcoming = start(following) if ahead() else None
            yield page
            page = fetch(following) if upcoming is None else upcoming()
        yield page
