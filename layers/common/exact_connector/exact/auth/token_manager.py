"""Keep a tenant's tokens: one refresh at a time over all processes, and nothing that a crash can lose but one window.

    take the lease   pointer: attempt, lease, not_before (570 s and more ahead)    condition: the row is as it was read
    POST once        an answer that is lost leaves not_before standing: one retry, 570 s later
    save the pair    new version, carrying generation + 1 and the attempt
    move the pointer condition: still this generation and this attempt

Whoever finds an attempt without a worker first looks for its saved pair and moves the pointer itself. The one window
that stays is between Exact's rotation and the save: if a worker dies there, the administrator must consent again.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from exact_connector.clock import Clock, to_text
from exact_connector.errors import (
    ConfigurationError,
    ConnectorError,
    InvalidInput,
    LeaseHeld,
    NotConnected,
    ReauthorizationRequired,
    StoreUnavailable,
    TransientError,
)
from exact_connector.exact.auth.notices import PENDING, announce_end, warn_early
from exact_connector.exact.auth.oauth import ClientCredentials, TokenAnswer, TokenEndpoint, TokenPair, TokenResult
from exact_connector.exact.auth.pointer import IDLE, REFRESH_AFTER, Pointer, Step, decide
from exact_connector.exact.auth.pointer_store import PointerStore, persistently
from exact_connector.exact.auth.refresh_rules import (
    ATTEMPT_FIELDS,
    LEASE_FIELDS,
    ends_connection,
    not_before,
    paused,
    published,
)
from exact_connector.exact.auth.token_store import StoredPair, TokenStore
from exact_connector.exact.connection import Connection, ConnectionState
from exact_connector.storage.ports import EventBus
from exact_connector.storage.table import (
    ConditionFailed,
    Contended,
    Equals,
    Missing,
    Table,
    Value,
    all_of,
    any_of,
    compare_and_set,
)

T = TypeVar("T")

_LINK = "link-"
_WRITE_TRIES = 6


@dataclass(frozen=True, slots=True)
class KeeperTimes:
    """Seconds of the clock: how long a POST may take, how long the lease goes on after it for saving, how long a
    caller waits for another worker's refresh, how often it looks, and how old a seen pointer may be."""

    post: float = 25.0
    saving: float = 35.0
    waiting: float = 20.0
    poll: float = 0.5
    fresh: float = 5.0

    def sped_up(self, rate: float) -> KeeperTimes:
        """Return the same real times on a clock that runs ``rate`` times as fast, for the local run."""
        times = (self.post, self.saving, self.waiting, self.poll, self.fresh)
        return KeeperTimes(*(seconds * rate for seconds in times))


class TokenKeeper:
    """Gives out access tokens of one tenant and refreshes them; one per process and tenant, safe for threads."""

    def __init__(
        self,
        tenant: str,
        control: Table,
        tokens: TokenStore,
        endpoint: TokenEndpoint,
        credentials: Callable[[Connection], ClientCredentials],
        events: EventBus,
        clock: Clock,
        *,
        times: KeeperTimes | None = None,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self._tenant = tenant
        self._pointers = PointerStore(tenant, control)
        self._tokens = tokens
        self._endpoint = endpoint
        self._credentials = credentials
        self._events = events
        self._clock = clock
        self._times = times or KeeperTimes()
        self._new_id = new_id
        self._lock = threading.RLock()
        self._seen: tuple[datetime, Pointer] | None = None
        self._pair: tuple[int, int, StoredPair] | None = None
        self._unsaved: StoredPair | None = None
        self._unposted = ""
        self._refused = ""

    def connection(self) -> Connection:
        """Return the connection as the table has it now."""
        with self._lock:
            return self._load().connection

    def pointer(self) -> Pointer:
        """Return everything but the tokens, for the status page and the operator."""
        with self._lock:
            return self._load()

    def access_token(self, *, division: int | None = None) -> str:
        """Return an access token that Exact takes now, refreshing it where its time has come.

        ``division`` is the administration that the caller works for; if the tenant was linked to another one since,
        NotConnected. Raises ReauthorizationRequired, NotConnected, and transient errors with a time to try again.
        """
        with self._lock:
            recent = self._recent_token(division)
            if recent is not None:
                return recent
            try:
                return self._settled_token(division)
            except (TransientError, ConfigurationError):
                # What hinders the refresh does not hinder the old token in its last half-minute.
                usable = self._still_usable(division)
                if usable is None:
                    raise
                return usable

    def refused(self, token: str) -> None:
        """Take notice that Exact refused a token: no worker sends it again, the next ``access_token`` looks for a newer
        one."""
        with self._lock:
            self._refused = token
            self._seen = None
            if self._pair is None or self._pair[2].pair.access_token != token:
                return
            generation = self._pair[1]
            try:
                self._pointers.update({"refused_generation": generation}, Equals("generation", generation))
            except (ConditionFailed, StoreUnavailable):
                # A newer pair counts by now, or the others find out by a refusal of their own.
                return

    def link(
        self, pair: TokenPair, *, base_url: str, client_id: str, division: int, allow_other_division: bool = False
    ) -> Connection:
        """Store the tokens of a fresh consent and connect the tenant; an older chain of tokens ends here.

        Raises InvalidInput when the tenant was linked to another administration and that change was not asked for.
        """

        def connect(before: Pointer) -> None:
            linked = before.connection.division
            if linked is not None and linked != division and not allow_other_division:
                raise InvalidInput(
                    f"the tenant was linked to administration {linked}, and the consent is for {division}; ask for "
                    "the change explicitly, its stored data will be loaded again",
                    code="OTHER_DIVISION",
                )
            stored = StoredPair(pair, before.generation + 1, _LINK + self._new_id())
            version = self._persistently(lambda: self._tokens.save(self._tenant, stored))
            values: dict[str, Value] = {"base_url": base_url, "client_id": client_id, "division": division}
            self._pointers.replace(before, {**values, **published(stored, version)}, remove=ATTEMPT_FIELDS)

        with self._lock:
            self._change(connect)
            self._unsaved = None
            return self._load().connection

    def disconnect(self) -> None:
        """Unlink the tenant on purpose: no call is made any more, and the tokens are removed."""

        def unlink(before: Pointer) -> bool:
            if before.revision == 0:
                return False
            values: dict[str, Value] = {"state": ConnectionState.DISCONNECTED.value}
            self._pointers.replace(before, values, remove=(*ATTEMPT_FIELDS, "notice"))
            return True

        with self._lock:
            if self._change(unlink):
                self._tokens.delete_tenant_data(self._tenant)
                self._seen = self._pair = self._unsaved = None

    def keep_alive(self) -> bool:
        """Look after an idle connection, about once a day: refresh after 20 idle days, warn after 25 if that fails.

        Returns whether it was refreshed. Never raises for one tenant's trouble: the state and the events say it.
        """
        with self._lock:
            pointer = self._load()
            if pointer.connection.state is not ConnectionState.CONNECTED or pointer.issued_at is None:
                announce_end(pointer, self._pointers, self._events)
                return False
            if self._clock.now() - pointer.issued_at < IDLE:
                return False
            try:
                self.access_token()
            except ConnectorError:
                warn_early(self._load(), self._pointers, self._events, self._clock.now())
                return False
            return self._load().generation > pointer.generation

    def _settled_token(self, division: int | None) -> str:
        until = self._clock.now() + timedelta(seconds=self._times.waiting)
        while True:
            pointer = self._settled(self._load())
            self._require(pointer, division)
            stored = self._stored(pointer)
            step = decide(pointer, self._clock.now(), refused=stored.pair.access_token == self._refused)
            if step is Step.USE:
                return stored.pair.access_token
            if step is Step.WAIT:
                self._wait(pointer, until)
            elif step is Step.PAUSE:
                raise paused(pointer, self._clock.now())
            else:
                self._refresh(pointer, stored)

    def _still_usable(self, division: int | None) -> str | None:
        if self._seen is None or self._pair is None:
            return None
        pointer, stored = self._seen[1], self._pair[2]
        self._require(pointer, division)
        current = self._pair[:2] == (pointer.version, pointer.generation)
        fit = current and pointer.usable(self._clock.now()) and stored.pair.access_token != self._refused
        return stored.pair.access_token if fit else None

    def _recent_token(self, division: int | None) -> str | None:
        """Return the token if what was seen a moment ago still answers the question."""
        if self._seen is None or self._unsaved is not None:
            return None
        seen_at, pointer = self._seen
        now = self._clock.now()
        if now - seen_at > timedelta(seconds=self._times.fresh) or self._pair is None:
            return None
        version, generation, stored = self._pair
        if (version, generation) != (pointer.version, pointer.generation):
            return None
        self._require(pointer, division)
        refused = stored.pair.access_token == self._refused
        return stored.pair.access_token if decide(pointer, now, refused=refused) is Step.USE else None

    def _require(self, pointer: Pointer, division: int | None) -> None:
        connection = pointer.connection
        if connection.state is ConnectionState.REAUTHORIZE:
            announce_end(pointer, self._pointers, self._events)
            raise ReauthorizationRequired(
                f"the connection of tenant {self._tenant} to Exact has ended ({pointer.reason}): authorise again"
            )
        if connection.state is not ConnectionState.CONNECTED:
            raise NotConnected(f"tenant {self._tenant} is not linked to Exact; start the authorisation")
        if division is not None and connection.division != division:
            raise NotConnected(
                f"tenant {self._tenant} was linked to another administration meanwhile; work for {division} stops here"
            )

    def _wait(self, pointer: Pointer, until: datetime) -> None:
        if self._clock.now() >= until:
            raise LeaseHeld(
                "another worker is refreshing the access token; it goes on by itself", retry_after=pointer.lease_until
            )
        self._clock.sleep(self._times.poll)

    def _settled(self, pointer: Pointer) -> Pointer:
        """Return the pointer after bringing an unfinished refresh to its end: our own, or an abandoned one."""
        if self._unsaved is not None:
            self._save_unsaved()
            pointer = self._load()
        if pointer.attempt is not None and pointer.attempt == self._unposted:
            # The lease was taken although its write seemed to fail; nothing was sent under it.
            self._pointers.write(pointer, {"doubt": pointer.doubt}, remove=LEASE_FIELDS)
            pointer = self._load()
        if pointer.abandoned(self._clock.now()) and self._adopted(pointer, only=pointer.attempt):
            pointer = self._load()
        return pointer

    def _adopted(self, pointer: Pointer, *, only: str | None) -> bool:
        """Move the pointer to a saved pair of the next generation that no worker claimed; of one attempt if given."""
        newer = self._persistently(lambda: self._tokens.newer(self._tenant, pointer.version))
        for version, stored in newer:
            fits = stored.attempt == only if only is not None else not stored.attempt.startswith(_LINK)
            if stored.generation == pointer.generation + 1 and fits:
                self._publish(stored, version)
                return True
        return False

    def _refresh(self, pointer: Pointer, stored: StoredPair) -> None:
        """Make one refresh, whatever comes of it; the caller reads the pointer again."""
        client = self._credentials(pointer.connection)
        attempt = self._new_id()
        if not self._take_lease(pointer, attempt):
            return
        answer = self._endpoint.refresh(pointer.connection.base_url, client, stored.pair.refresh_token)
        if answer.pair is not None:
            self._unsaved = StoredPair(answer.pair, pointer.generation + 1, attempt)
            self._save_unsaved()
        elif ends_connection(answer, pointer):
            self._rejected(pointer, attempt, answer)
        else:
            self._release(pointer, attempt, answer)

    def _take_lease(self, pointer: Pointer, attempt: str) -> bool:
        now = self._clock.now()
        post = timedelta(seconds=self._times.post)
        values: dict[str, Value] = {
            "attempt": attempt,
            "lease_until": to_text(now + post + timedelta(seconds=self._times.saving)),
            "not_before": to_text(now + post + REFRESH_AFTER),
            "doubt": pointer.doubt or pointer.attempt is not None,
        }
        try:
            return self._pointers.write(pointer, values)
        except StoreUnavailable:
            self._unposted = attempt
            raise

    def _save_unsaved(self) -> None:
        """Save the pair in hand and move the pointer; after an error it stays in hand for the next call."""
        stored = self._unsaved
        if stored is None:
            return
        version = self._persistently(lambda: self._tokens.save(self._tenant, stored))
        self._publish(stored, version)
        self._unsaved = None

    def _publish(self, stored: StoredPair, version: int) -> None:
        """Move the pointer to a saved pair, unless the connection has moved on since."""
        ours = any_of(Equals("attempt", stored.attempt), Missing("attempt"))
        open_to_it = any_of(
            all_of(Equals("state", ConnectionState.CONNECTED.value), ours),
            Equals("state", ConnectionState.REAUTHORIZE.value),
        )
        condition = all_of(Equals("generation", stored.generation - 1), open_to_it)
        try:
            self._persistently(
                lambda: self._pointers.update(published(stored, version), condition, remove=ATTEMPT_FIELDS)
            )
        except ConditionFailed:
            # Either this very write had gone through before its answer was lost, or another pair counts now.
            return

    def _rejected(self, pointer: Pointer, attempt: str, answer: TokenAnswer) -> None:
        """Exact says the refresh token is not the current one: look once more for a newer pair, then give up."""
        if self._adopted(pointer, only=None):
            return
        why = "the answer that carried the next tokens was lost" if pointer.doubt or pointer.attempt else answer.text
        values: dict[str, Value] = {
            "state": ConnectionState.REAUTHORIZE.value,
            "reason": why or answer.result.value,
            "since": to_text(self._clock.now()),
            "notice": PENDING,
        }
        condition = all_of(Equals("generation", pointer.generation), Equals("attempt", attempt))
        try:
            self._persistently(lambda: self._pointers.update(values, condition, remove=ATTEMPT_FIELDS))
        except ConditionFailed:
            return

    def _release(self, pointer: Pointer, attempt: str, answer: TokenAnswer) -> None:
        """Give the lease back after an answer that changed nothing or left doubt; the stored pair stays."""
        doubt = pointer.doubt or pointer.attempt is not None or answer.result is TokenResult.LOST
        values: dict[str, Value] = {
            "not_before": to_text(not_before(answer, self._clock.now(), pointer.failures, doubt=doubt)),
            "doubt": doubt,
            "failures": pointer.failures + 1,
            "reason": answer.result.value,
            "chain_refused": pointer.chain_refused or answer.result is TokenResult.CHAIN,
        }
        condition = all_of(Equals("generation", pointer.generation), Equals("attempt", attempt))
        try:
            self._pointers.update(values, condition, remove=("attempt", "lease_until"))
        except (ConditionFailed, StoreUnavailable):
            # What the lease wrote ahead keeps every worker waiting long enough.
            return

    def _stored(self, pointer: Pointer) -> StoredPair:
        """Return the pair that the pointer names, read once per version."""
        if self._pair is not None and self._pair[:2] == (pointer.version, pointer.generation):
            return self._pair[2]
        stored = self._persistently(lambda: self._load_pair(pointer))
        self._pair = (pointer.version, pointer.generation, stored)
        return stored

    def _load_pair(self, pointer: Pointer) -> StoredPair:
        stored = self._tokens.load(self._tenant, pointer.version)
        if stored is None or stored.generation != pointer.generation:
            raise StoreUnavailable(
                f"version {pointer.version} of the tokens of tenant {self._tenant} is not there; authorise again if "
                "this stays"
            )
        return stored

    def _change(self, change: Callable[[Pointer], T]) -> T:
        """Change the pointer row as it is now; raises LeaseHeld when others change it all the time."""
        try:
            return compare_and_set(self._load, change, what="the connection", tries=_WRITE_TRIES)
        except Contended as error:
            raise LeaseHeld("the connection is being changed by others; try again") from error

    def _load(self) -> Pointer:
        pointer = self._pointers.load()
        self._seen = (self._clock.now(), pointer)
        return pointer

    def _persistently(self, work: Callable[[], T]) -> T:
        return persistently(work, self._clock)
