"""What a tenant is, and what an administrator may send to make or change one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StrictStr, field_validator, model_validator

from exact_connector.catalog.context import Options
from exact_connector.web.bodies import NUMBER, Body, Flag, Line, Whole, wrong

Country = Literal["nl", "be", "de", "uk", "fr", "es", "us"]

Name = StrictStr
"""A text as it is: the name of an administration counts with its blanks."""

TENANT_ID = re.compile(r"^[a-z0-9][a-z0-9-]{1,39}$")


@dataclass(frozen=True, slots=True)
class SyncChoices:
    """What a tenant chose for its synchronisation: seconds between runs per stream, where they differ from the
    stream's own; rows after which a worker lets others go first; the part of a set (0 to 1) that may vanish at once.
    """

    intervals: Mapping[str, int] = field(default_factory=dict)
    batch_rows: int = 50_000
    safety_share: float = 0.2


@dataclass(frozen=True, slots=True)
class Tenant:
    """One linked (or to be linked) administration.

    ``administration`` is its exact name and ``division_code`` the number in Exact's addresses or the number users see;
    at least one is given. ``own_client_id`` is set when the tenant uses an application of its own.
    """

    tenant: str
    name: str
    country: str
    administration: str | None
    division_code: int | None
    own_client_id: str | None
    created_at: datetime
    version: int = 1
    options: Options = field(default_factory=Options)
    sync: SyncChoices = field(default_factory=SyncChoices)


class OptionsInput(Body):
    """What a platform wants besides the connector settings."""

    item_rule: Literal["sales", "purchase"] = Field("sales", description="Which items are delivered.")
    stock_warehouse: Annotated[Line, Field(min_length=1, max_length=20)] = Field(
        "1", description="Warehouse code whose stock planning uses, or `all`."
    )
    supplier_links: Flag = Field(default=False, description="Deliver supplier products.")
    bills_of_material: Flag = Field(default=False, description="Deliver bills of material.")
    sales_history: Literal["orders", "invoices"] = Field("orders", description="Where sold quantities come from.")
    purchase_orders: Flag = Field(default=True, description="Whether purchase orders may be written to Exact.")
    webhooks: Flag = Field(default=False, description="Let Exact say at once what changed, beside the schedule.")

    def to_options(self) -> Options:
        """Return the options as the projections read them."""
        return Options(**self.model_dump())


class SyncInput(Body):
    """How the synchronisation of this tenant differs from the usual."""

    intervals: dict[str, Annotated[Whole, Field(ge=60, le=30 * 86_400)]] = Field(
        default_factory=dict, max_length=100, description="Stream name -> seconds between runs."
    )
    batch_rows: Annotated[Whole, Field(ge=1_000, le=1_000_000)] = Field(
        50_000, description="Rows after which a worker lets others go first."
    )
    safety_share: Annotated[float, Field(gt=0, le=1), NUMBER] = Field(
        0.2, description="The largest part of a set that may vanish in one comparison without a person saying yes."
    )

    def to_choices(self) -> SyncChoices:
        """Return the choices as they are kept."""
        return SyncChoices(dict(self.intervals), self.batch_rows, self.safety_share)


class ApplicationInput(Body):
    """The tenant's own application, registered in the App Center of its country."""

    client_id: Annotated[Line, Field(min_length=1, max_length=100)]
    client_secret: SecretStr
    webhook_secret: SecretStr | None = None


class TenantInput(Body):
    """A new tenant: its country site and its administration, by exact name or by number."""

    id: Annotated[str | None, Field(description="Your own id; one is made when absent.")] = None
    name: Annotated[Line, Field(min_length=1, max_length=100)] = Field(description="How the tenant is shown.")
    country: Country = Field("nl", description="Country site of Exact Online.")
    administration: Annotated[Name, Field(min_length=1, max_length=200)] | None = Field(
        None, description="Name of the administration exactly as in Exact, capitals and spaces included."
    )
    division_code: Annotated[Whole, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="Number of the administration, as in Exact's addresses or as users see it."
    )
    application: ApplicationInput | None = Field(None, description="Absent: the platform's application is used.")
    options: OptionsInput = Field(default_factory=OptionsInput)
    sync: SyncInput = Field(default_factory=SyncInput)

    @field_validator("id")
    @classmethod
    def _id_form(cls, value: str | None) -> str | None:
        if value is not None and not TENANT_ID.fullmatch(value):
            raise wrong("Use 2 to 40 lower-case letters, digits and dashes, starting with a letter or digit.")
        return value

    @model_validator(mode="after")
    def _names_an_administration(self) -> TenantInput:
        if self.administration is None and self.division_code is None:
            raise wrong("Name the administration: send administration (its exact name) or division_code.")
        return self


class TenantPatch(Body):
    """Changes to a tenant; absent fields stay, also those of options and sync."""

    name: Annotated[Line, Field(min_length=1, max_length=100)] | None = None
    country: Country | None = None
    administration: Annotated[Name, Field(min_length=1, max_length=200)] | None = None
    division_code: Annotated[Whole, Field(ge=1, le=2**31 - 1)] | None = None
    application: ApplicationInput | None = None
    options: OptionsInput | None = None
    sync: SyncInput | None = None

    @field_validator("name", "country")
    @classmethod
    def _not_emptied(cls, value: str | None) -> str:
        if value is None:
            raise wrong("This cannot be emptied; leave it out to keep it.")
        return value
