"""What Exact's headers say about when to ask again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from exact_connector.exact.limits.headers import asked_until

NOW = datetime(2026, 6, 10, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        pytest.param({}, None, id="no header"),
        pytest.param({"retry-after": "90"}, datetime(2026, 6, 10, 8, 1, 30, tzinfo=UTC), id="seconds"),
        pytest.param({"retry-after": "-5"}, NOW, id="negative seconds"),
        pytest.param(
            {"retry-after": "Wed, 10 Jun 2026 08:05:00 GMT"}, datetime(2026, 6, 10, 8, 5, tzinfo=UTC), id="a date"
        ),
        pytest.param({"retry-after": "Wed, 10 Jun 2026 07:00:00 GMT"}, NOW, id="a date that is over"),
        pytest.param({"retry-after": "soon"}, None, id="unreadable"),
    ],
)
def test_retry_after_says_when_to_ask_again(headers: dict[str, str], until: datetime | None) -> None:
    assert asked_until(headers, NOW) == until
