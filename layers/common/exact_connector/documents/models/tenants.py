"""Tenants, their connection, keys, webhook and audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from typing_extensions import TypedDict

from exact_connector.documents.models.terms import About, MomentText

_UNLINKED = "before the tenant was linked"
_NEXT = About("Address of the next page", null="on the last page", example=None)


class TenantOptions(TypedDict):
    """What a platform wants besides the settings."""

    item_rule: Annotated[Literal["sales", "purchase"], About("Which items are delivered", example="sales")]
    stock_warehouse: Annotated[str, About("Warehouse whose stock planning uses, or `all`", example="1")]
    supplier_links: Annotated[bool, About("Whether supplier products are delivered")]
    bills_of_material: Annotated[bool, About("Whether bills of material are delivered")]
    sales_history: Annotated[Literal["orders", "invoices"], About("Source of sold quantities", example="orders")]
    purchase_orders: Annotated[bool, About("Whether purchase orders may be written to Exact", example=True)]
    webhooks: Annotated[bool, About("Whether Exact says at once what changed")]


class TenantSync(TypedDict):
    """How the synchronisation of a tenant differs from the usual."""

    intervals: Annotated[Mapping[str, int], About("Seconds between runs by stream", unit="seconds", example={})]
    batch_rows: Annotated[int, About("Rows after which a worker lets others go first", example=50000)]
    safety_share: Annotated[float, About("Largest part of a set that may vanish at once", unit="0 to 1", example=0.2)]


class Tenant(TypedDict):
    """A tenant; never a secret."""

    id: Annotated[str, About("Its id", example="acme")]
    name: Annotated[str, About("How it is shown", example="Groothandel")]
    country: Annotated[str, About("Country site of Exact Online", example="nl")]
    administration: Annotated[
        str | None, About("Exact name of its administration", null="when it is named by number", example="De Zaak B.V.")
    ]
    division_code: Annotated[
        int | None, About("Number of its administration", null="when it is named by name", example=None)
    ]
    own_application: Annotated[
        str | None, About("Client id of an application of its own", null="when it uses the platform's", example=None)
    ]
    created_at: Annotated[MomentText, About("When it was made")]
    options: Annotated[TenantOptions, About("What its platform wants")]
    sync: Annotated[TenantSync, About("How it is synchronised")]


class Connection(TypedDict):
    """The connection of a tenant to Exact; never a token."""

    state: Annotated[str, About("State of the connection", example="connected")]
    advice: Annotated[str, About("What to do about it", example="Nothing has to be done.")]
    reason: Annotated[str | None, About("Why it is so", null="when there is nothing to say", example=None)]
    division: Annotated[int | None, About("Administration, as in Exact's addresses", null=_UNLINKED, example=123456)]
    address: Annotated[str | None, About("Country site", null=_UNLINKED, example="https://start.exactonline.nl")]
    application: Annotated[str | None, About("Client id of the application", null=_UNLINKED, example=None)]
    token_issued_at: Annotated[MomentText | None, About("When the newest token was issued", null=_UNLINKED)]
    dies_unused_at: Annotated[MomentText | None, About("When it would die unused", null="unless it is connected")]


class TenantWithConnection(Tenant):
    """A tenant with its connection."""

    connection: Annotated[Connection, About("Its connection to Exact")]


class TenantPage(TypedDict):
    """A page of tenants."""

    tenants: list[Tenant]
    next: Annotated[str | None, _NEXT]


class RemovedData(TypedDict):
    """How much was removed."""

    rows: Annotated[Mapping[str, int], About("Rows of tables", example={"rows": 1200})]
    orders: Annotated[int, About("Orders and requested customers", example=3)]


class RemovedTenant(TypedDict):
    """What was removed with a tenant."""

    id: Annotated[str, About("Id of the tenant", example="acme")]
    removed: Annotated[RemovedData, About("How much was removed")]
    by: Annotated[str, About("Who removed it", example="operator")]


class StartedLinking(TypedDict):
    """Where to send the administrator."""

    authorize_url: Annotated[str, About("Exact's consent page", example="https://start.exactonline.nl/api/oauth2/auth")]
    expires_at: Annotated[MomentText, About("Until when the address is good")]


class Administration(TypedDict):
    """An administration that the connection may use."""

    code: Annotated[int, About("Number in Exact's addresses", "Division.Code", example=123456)]
    hid: Annotated[str, About("Number that users see", "Division.Hid", example="1")]
    description: Annotated[str, About("Its name", "Division.Description", example="De Zaak B.V.")]
    usable: Annotated[bool, About("Whether it is active and not blocked", "Division.Status", example=True)]
    currency: Annotated[str | None, About("Its currency", "Division.Currency", null="when empty", example="EUR")]
    country: Annotated[str | None, About("Its country", "Division.Country", null="when empty", example="NL")]
    customer_name: Annotated[
        str | None, About("Name of the company", "Division.CustomerName", null="when empty", example="De Zaak B.V.")
    ]


class Administrations(TypedDict):
    """The administrations that the connection may use."""

    divisions: list[Administration]


class AuditEvent(TypedDict):
    """Something that was done with a tenant."""

    at: Annotated[MomentText, About("When")]
    kind: Annotated[str, About("What, as a stable word", example="key.created")]
    who: Annotated[str, About("Who", example="operator")]
    detail: Annotated[Mapping[str, Any], About("More about it", example={})]


class AuditTrail(TypedDict):
    """A page of the audit trail, newest first."""

    events: list[AuditEvent]
    next: Annotated[str | None, _NEXT]


class ApiKey(TypedDict):
    """An API key, without the key itself."""

    id: Annotated[str, About("Its id", example="k3j9x2mfq1")]
    label: Annotated[str, About("What it is for", example="webshop")]
    scopes: Annotated[list[str], About("What it may do", example=["catalog:read"])]
    created_at: Annotated[MomentText, About("When it was made")]


class NewApiKey(ApiKey):
    """An API key as it is shown once."""

    key: Annotated[str, About("The key itself; it cannot be shown again", example="exk_...")]


class ApiKeys(TypedDict):
    """The API keys of a tenant."""

    keys: list[ApiKey]


class Webhook(TypedDict):
    """Where the events of a tenant are posted, without the secret."""

    url: Annotated[str, About("The address", example="https://shop.example.com/exact-events")]
    created_at: Annotated[MomentText, About("When it was registered")]


class NewWebhook(Webhook):
    """A registered webhook as it is shown once."""

    secret: Annotated[str, About("Secret that signs the events; it cannot be shown again", example="...")]


class Health(TypedDict):
    """That the service answers."""

    status: Annotated[str, About("`ok`", example="ok")]


class WebhookTaken(TypedDict):
    """What a notification of Exact made due."""

    due: Annotated[list[str], About("Streams", example=["items"])]
