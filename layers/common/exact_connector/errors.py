"""The errors of the connector: one root, two markers, one class per cause.

ConnectorError
├── TransientError            try again, not before ``retry_after``
│   ├── ExactUnavailable      no usable answer from Exact: time-out, 5xx without a business text, maintenance
│   ├── BudgetExhausted       the call budget of this window is spent, or Exact answered 429
│   ├── EndpointParked        the error budget of one endpoint is spent
│   ├── LeaseHeld             another worker holds the lease
│   └── StoreUnavailable      a table or service of AWS did not answer
└── TerminalError             trying again does not help
    ├── ReauthorizationRequired   the connection to Exact is dead, an administrator must consent again
    ├── NotConnected              the tenant was never linked, or is paused
    ├── ExactRejected             Exact refused a document or a request, with its text
    ├── ExactQueryRefused         Exact refused how the connector asked (a filter, a field): never a verdict on a record
    ├── ExactAnswerUnknown        a POST was sent and its outcome is not known; look before sending again
    ├── StorageLimitExceeded      a row or transaction is larger than the tables take (storage/limits.py)
    ├── InvalidInput              what a client sent is wrong; a list of faults with pointers
    ├── NotFound                  the named thing does not exist for this caller
    ├── Conflict                  the thing is in a state that does not allow this
    ├── Unauthenticated           no key, or one that is not known
    ├── Forbidden                 the key does not carry the scope
    └── ConfigurationError        the deployment or the tenant's settings are wrong
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


class ConnectorError(Exception):
    """Root of every error that the connector raises on purpose."""

    code: str = "INTERNAL"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class TransientError(ConnectorError):
    """Something that passes; ``retry_after`` says when to try again (None: the caller's own back-off)."""

    code = "TRANSIENT"

    def __init__(self, message: str, *, retry_after: datetime | None = None, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class TerminalError(ConnectorError):
    """Something that stays until a person or a later input changes it."""

    code = "TERMINAL"


class ExactUnavailable(TransientError):
    """Exact gave no usable answer. ``sent`` is False only where the request provably never left.

    ``status`` and ``exact_text`` are of an answer that came and is no verdict: a failure in words that are not known
    to judge a record. Both are empty where no answer came.
    """

    code = "EXACT_UNAVAILABLE"

    def __init__(
        self,
        message: str,
        *,
        sent: bool = True,
        retry_after: datetime | None = None,
        status: int = 0,
        exact_text: str = "",
    ) -> None:
        super().__init__(message, retry_after=retry_after)
        self.sent = sent
        self.status = status
        self.exact_text = exact_text


class BudgetExhausted(TransientError):
    """No call is left in the current minute or day; ``retry_after`` is the start of the next window."""

    code = "BUDGET_EXHAUSTED"


class EndpointParked(TransientError):
    """An endpoint had too many errors within the hour and rests until ``retry_after``."""

    code = "ENDPOINT_PARKED"


class LeaseHeld(TransientError):
    """Another worker holds the lease on this thing."""

    code = "LEASE_HELD"


class StoreUnavailable(TransientError):
    """A table or service of AWS did not answer in time."""

    code = "STORE_UNAVAILABLE"


class ReauthorizationRequired(TerminalError):
    """Exact no longer accepts the connection's refresh token: an administrator must consent again."""

    code = "REAUTHORIZE"


class NotConnected(TerminalError):
    """The tenant has no usable connection to an administration yet."""

    code = "NOT_CONNECTED"


class ExactRejected(TerminalError):
    """Exact refused the request. ``exact_text`` is its own text, ``status`` the HTTP status.

    ``judges_record`` is False where the refusal says nothing about the record that was sent: the rights of the user,
    the consent, the licence, the edition. Such a record waits until the cause is repaired.
    """

    code = "EXACT_REJECTED"

    def __init__(
        self,
        message: str,
        *,
        status: int,
        exact_text: str = "",
        code: str | None = None,
        judges_record: bool = True,
    ) -> None:
        super().__init__(message, code=code)
        self.status = status
        self.exact_text = exact_text
        self.judges_record = judges_record


class ExactQueryRefused(TerminalError):
    """Exact refused how the connector asked: a filter, a field, the syntax, the method. A fault of the connector.

    It never judges a record: the work waits, the fault is reported, and a second way is taken where there is one.
    ``exact_text`` is Exact's own text, ``status`` the HTTP status; ``code`` says which kind of fault it is.
    """

    code = "EXACT_QUERY_REFUSED"

    def __init__(self, message: str, *, status: int, exact_text: str = "", code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.status = status
        self.exact_text = exact_text


class ExactAnswerUnknown(TerminalError):
    """A write was sent and no answer says whether it was carried out.

    ``status`` and ``exact_text`` are of a failure in words that are not known to judge a record, both empty where no
    answer came. The same text for a second time, with nothing in Exact, is a verdict after all.
    """

    code = "EXACT_ANSWER_UNKNOWN"

    def __init__(self, message: str, *, status: int = 0, exact_text: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.exact_text = exact_text


class ConfigurationError(TerminalError):
    """The deployment or the tenant's settings are wrong; the message says which part and what to set."""

    code = "CONFIGURATION"


class TenantMisconfigured(ConfigurationError):
    """The tenant's settings, options or application do not allow this; whoever administers the tenant can repair it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what a client sent: where (JSON pointer), a stable code, and what to do about it.

    ``key`` is the setting that is wrong, None where it is no setting.
    """

    pointer: str
    code: str
    message: str
    key: str | None = None


class InvalidInput(TerminalError):
    """What a client sent is wrong in the named places; nothing was changed."""

    code = "INVALID_INPUT"

    def __init__(self, message: str, faults: Sequence[Fault] = (), *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.faults = tuple(faults)


class NotFound(TerminalError):
    """The named thing does not exist for this caller."""

    code = "NOT_FOUND"


class Conflict(TerminalError):
    """The thing is in a state that does not allow what was asked."""

    code = "CONFLICT"


class Unauthenticated(TerminalError):
    """No credentials, or ones that are not known or no longer valid."""

    code = "UNAUTHENTICATED"


class Forbidden(TerminalError):
    """The credentials are known but do not allow this."""

    code = "FORBIDDEN"
