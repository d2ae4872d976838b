"""Signed links to files, checked as S3 checks them: Signature Version 4 in the query, within its time."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlencode

SECRET = "local"
"""The secret access key of every handler in a local run."""

_SIGNED = "X-Amz-"


def is_signed_link(query: str) -> bool:
    """Tell whether an address carries its signature in the query."""
    return "X-Amz-Signature=" in query


def fault_of_link(method: str, path: str, query: str, host: str, now: datetime) -> str | None:
    """Return why a signed link is refused, None when it is good. ``path`` is as it was sent."""
    fields = dict(parse_qsl(query, keep_blank_values=True))
    signature = fields.pop("X-Amz-Signature", "")
    moment = datetime.strptime(fields["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if now > moment + timedelta(seconds=int(fields["X-Amz-Expires"])):
        return "Request has expired"
    _, day, region, service, _ = fields["X-Amz-Credential"].split("/")
    canonical_query = "&".join(
        f"{quote(name, safe='-_.~')}={quote(fields[name], safe='-_.~')}" for name in sorted(fields)
    )
    request = "\n".join((method, path, canonical_query, f"host:{host}", "", "host", "UNSIGNED-PAYLOAD"))
    scope = f"{day}/{region}/{service}/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", fields["X-Amz-Date"], scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"AWS4{SECRET}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    expected = hmac.new(key, text.encode(), "sha256").hexdigest()
    return None if hmac.compare_digest(expected, signature) else "The request signature we calculated does not match"


def without_signature(query: str) -> str:
    """Return a query without its signature: what it asks of the answer, such as the name of the file, stays."""
    return urlencode([pair for pair in parse_qsl(query, keep_blank_values=True) if not pair[0].startswith(_SIGNED)])
