"""What a tenant is, and what an administrator may send to make or change one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from exact_connector.catalog.context import Options

Country = Literal["nl", "be", "de", "uk", "fr", "es", "us"]

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


class OptionsInput(BaseModel):
    """What a platform wants besides the connector settings."""

    model_config = ConfigDict(extra="forbid")

    item_rule: Literal["sales", "purchase"] = Field("sales", description="Which items are delivered.")
    stock_warehouse: Annotated[str, Field(min_length=1, max_length=20)] = Field(
        "1", description="Warehouse code whose stock planning uses, or `all`."
    )
    supplier_links: bool = Field(default=False, description="Deliver supplier products.")
    bills_of_material: bool = Field(default=False, description="Deliver bills of material.")
    sales_history: Literal["orders", "invoices"] = Field("orders", description="Where sold quantities come from.")
    purchase_orders: bool = Field(default=True, description="Whether purchase orders may be written to Exact.")
    webhooks: bool = Field(default=False, description="Let Exact say at once what changed, beside the schedule.")

    def to_options(self) -> Options:
        """Return the options as the projections read them."""
        return Options(**self.model_dump())


class SyncInput(BaseModel):
    """How the synchronisation of this tenant differs from the usual."""

    model_config = ConfigDict(extra="forbid")

    intervals: dict[str, Annotated[int, Field(ge=60, le=30 * 86_400)]] = Field(
        default_factory=dict, max_length=100, description="Stream name -> seconds between runs."
    )
    batch_rows: Annotated[int, Field(ge=1_000, le=1_000_000)] = Field(
        50_000, description="Rows after which a worker lets others go first."
    )
    safety_share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.2, description="The largest part of a set that may vanish in one comparison without a person saying yes."
    )

    def to_choices(self) -> SyncChoices:
        """Return the choices as they are kept."""
        return SyncChoices(dict(self.intervals), self.batch_rows, self.safety_share)


class ApplicationInput(BaseModel):
    """The tenant's own application, registered in the App Center of its country."""

    model_config = ConfigDict(extra="forbid")

    client_id: Annotated[str, Field(min_length=1, max_length=100)]
    client_secret: SecretStr
    webhook_secret: SecretStr | None = None


class TenantInput(BaseModel):
    """A new tenant: its country site and its administration, by exact name or by number."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str | None, Field(description="Your own id; one is made when absent.")] = None
    name: Annotated[str, Field(min_length=1, max_length=100, description="How the tenant is shown.")]
    country: Country = Field("nl", description="Country site of Exact Online.")
    administration: Annotated[str | None, Field(min_length=1, max_length=200)] = Field(
        None, description="Name of the administration exactly as in Exact, capitals and spaces included."
    )
    division_code: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = Field(
        None, description="Number of the administration, as in Exact's addresses or as users see it."
    )
    application: ApplicationInput | None = Field(None, description="Absent: the platform's application is used.")
    options: OptionsInput = Field(default_factory=OptionsInput)
    sync: SyncInput = Field(default_factory=SyncInput)

    @field_validator("id")
    @classmethod
    def _id_form(cls, value: str | None) -> str | None:
        if value is not None and not TENANT_ID.fullmatch(value):
            raise ValueError("use 2 to 40 lower-case letters, digits and dashes, starting with a letter or digit")
        return value

    @model_validator(mode="after")
    def _names_an_administration(self) -> TenantInput:
        if self.administration is None and self.division_code is None:
            raise ValueError("name the administration: send administration (its exact name) or division_code")
        return self


class TenantPatch(BaseModel):
    """Changes to a tenant; absent fields stay, also those of options and sync."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    country: Country | None = None
    administration: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    division_code: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None
    application: ApplicationInput | None = None
    options: OptionsInput | None = None
    sync: SyncInput | None = None

    @field_validator("name", "country")
    @classmethod
    def _not_emptied(cls, value: str | None) -> str:
        if value is None:
            raise ValueError("cannot be emptied; leave it out to keep it")
        return value
