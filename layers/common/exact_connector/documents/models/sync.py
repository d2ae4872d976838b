"""The state of a tenant's synchronisation, and what steering it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from typing_extensions import TypedDict

from exact_connector.documents.models.tenants import Connection
from exact_connector.documents.models.terms import About, MomentText

Light = Literal["red", "blue", "grey", "orange"]


class StreamState(TypedDict):
    """One stream of Exact."""

    name: Annotated[str, About("Its name", example="items")]
    family: Annotated[str, About("Its family", example="items")]
    endpoint: Annotated[str, About("Endpoint of Exact that it reads", example="sync/Logistics/Items")]
    status: Annotated[str, About("What it does", example="idle")]
    running: Annotated[bool, About("Whether it is read right now")]
    rows: Annotated[int, About("Rows of the run under way, or of the last one", example=5000)]
    pages: Annotated[int, About("Pages of that run", example=5)]
    skipped: Annotated[int, About("Rows of that run that could not be used", example=0)]
    last_run_at: Annotated[MomentText | None, About("When it was last read", null="before its first run ended")]
    due_at: Annotated[MomentText | None, About("When it is read next", null="while it is paused")]
    first_loaded: Annotated[bool, About("Whether it was read to its end once", example=True)]
    error_code: Annotated[str | None, About("Code of its last error", null="without one", example=None)]
    reason: Annotated[str | None, About("Why it is parked or waits", null="when it does not", example=None)]
    error_at: Annotated[MomentText | None, About("When that error was", null="without one")]
    failing_since: Annotated[MomentText | None, About("Since when it fails", null="when it does not")]


class RefusedStream(TypedDict):
    """A stream that Exact refuses to give."""

    stream: Annotated[str, About("Its name", example="supplier_items")]
    endpoint: Annotated[str, About("Endpoint of Exact", example="logistics/SupplierItem")]
    code: Annotated[str, About("Stable code", example="FORBIDDEN")]
    reason: Annotated[str, About("What Exact said", example="...")]
    since: Annotated[MomentText | None, About("Since when", null="when that is not known")]
    next_try: Annotated[MomentText | None, About("When it is tried again", null="when a new consent is needed")]


class FamilyState(TypedDict):
    """One family of documents."""

    family: Annotated[str, About("Its name", example="items")]
    light: Annotated[
        Light,
        About(
            "red: running; blue: up to date; orange: waits for a person or for Exact; grey: never ran", example="blue"
        ),
    ]
    counts: Annotated[Mapping[str, int], About("Documents by kind", example={"item": 5000})]
    last_run_at: Annotated[MomentText | None, About("When it was last complete", null="before that")]
    complete: Annotated[
        bool, About("Whether everything that the settings need was read and is in the documents", example=True)
    ]
    served: Annotated[bool, About("Whether documents are there, perhaps without `refused`", example=True)]
    reason: Annotated[str | None, About("Why it waits", null="when it does not", example=None)]
    refused: Annotated[list[RefusedStream], About("Streams that cannot be read", example=[])]


class SkippedRecord(TypedDict):
    """One record that could not be used; the rest went on."""

    source: Annotated[str, About("Stream or family", example="items")]
    key: Annotated[str, About("The record", example="A-1000")]
    code: Annotated[str, About("Stable code", example="VAT_CODE_UNKNOWN")]
    message: Annotated[str, About("What was seen and what to do about it", example="...")]
    at: Annotated[MomentText, About("When it was seen")]


class SyncState(TypedDict):
    """How fresh the copy of a tenant is and how much it holds."""

    streams: Annotated[list[StreamState], About("Each stream")]
    families: Annotated[list[FamilyState], About("Each family")]
    feed_head: Annotated[int, About("Number of the newest entry of the change feed", example=17)]
    skipped_records: Annotated[list[SkippedRecord], About("Records that could not be used, at most 50")]


class CallsLeft(TypedDict):
    """What is left of Exact's limits."""

    minute: Annotated[int, About("Calls of this minute", example=60)]
    minute_limit: Annotated[int, About("Calls of a minute", example=60)]
    day: Annotated[int, About("Calls of this day", example=4800)]
    day_limit: Annotated[int, About("Calls of a day", example=5000)]


class EndpointState(TypedDict):
    """An endpoint of Exact that had errors within the hour."""

    endpoint: Annotated[str, About("The endpoint", example="sync/Logistics/Items")]
    errors: Annotated[int, About("Errors within the hour", example=6)]
    rests: Annotated[bool, About("Whether it is not called", example=True)]
    rests_until: Annotated[MomentText | None, About("Until when it is not called", null="when it never rested")]
    reason: Annotated[str, About("Why", example="403: no rights")]


class OrdersSummary(TypedDict):
    """The open orders of a tenant."""

    open: Annotated[int, About("Open orders", example=2)]
    overdue: Annotated[int, About("Those that are late", example=0)]
    oldest_accepted_at: Annotated[MomentText | None, About("When the oldest was accepted", null="without one")]
    waiting_for: Annotated[str | None, About("What the first one waits for", null="when none does", example=None)]


class TenantStatus(SyncState):
    """The connection, the calls left, the open orders and the state of each stream."""

    tenant: Annotated[str, About("Id of the tenant", example="acme")]
    connection: Annotated[Connection, About("Its connection")]
    calls_left: Annotated[CallsLeft | None, About("What is left of Exact's limits", null="before it is linked")]
    endpoints: Annotated[list[EndpointState], About("Endpoints with errors within the hour")]
    orders: Annotated[OrdersSummary | None, About("Its open orders", null="before it is linked")]


class StartedSync(TypedDict):
    """What was made due."""

    family: Annotated[str, About("The family, or `all`", example="items")]
    full: Annotated[bool, About("Whether everything is loaded again")]
    streams: Annotated[list[str], About("The streams", example=["items"])]


class ControlledSync(TypedDict):
    """What was paused, resumed or cancelled."""

    family: Annotated[str, About("The family", example="items")]
    action: Annotated[str, About("What was done", example="pause")]
    streams: Annotated[list[str], About("The streams", example=["items"])]


class CallForecast(TypedDict):
    """An estimate of the calls per day."""

    calls_per_day: Annotated[int, About("Calls of a day", example=900)]
    limit: Annotated[int, About("What Exact allows", example=5000)]
    fits: Annotated[bool, About("Whether that suffices with a fifth to spare", example=True)]
    streams: Annotated[Mapping[str, float], About("Calls of a day by stream", example={"items": 96.7})]


class EndpointStates(TypedDict):
    """The endpoints that had errors within the hour."""

    endpoints: list[EndpointState]


class KindCount(TypedDict):
    """How many documents of a kind there are."""

    owned: Annotated[int, About("As their owners remember", example=5000)]
    served: Annotated[int, About("As they are served", example=5000)]
    waiting: Annotated[int, About("That wait for a key that another has", example=0)]
    counted: Annotated[int, About("As the status counts them", example=5000)]


class Difference(TypedDict):
    """A document that is not as its owner remembers it."""

    kind: Annotated[str, About("Kind of the document", example="item")]
    key: Annotated[str, About("Its key", example="A-1000")]
    owner: Annotated[str, About("The record of Exact that it is made from", example="5a07a2a9")]
    fault: Annotated[
        str,
        About("missing: its owner has it; differs: it has other content; unowned: no owner has it", example="missing"),
    ]


class DocumentsCheck(TypedDict):
    """What the comparison of served documents with their owners found."""

    healthy: Annotated[bool, About("Whether nothing differs", example=True)]
    faults: Annotated[int, About("How many documents differ", example=0)]
    kinds: Annotated[Mapping[str, KindCount], About("Counts by kind", example={})]
    differences: Annotated[list[Difference], About("The first hundred", example=[])]
