"""What the deployment tells a function through its environment variables, checked once at start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from exact_connector.errors import ConfigurationError

Text = Annotated[str, Field(min_length=1)]

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Environment(BaseModel):
    """The variables that the template sets on every function."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    STAGE: Text
    CONTROL_TABLE: Text
    SYNC_TABLE: Text
    RECORDS_TABLE: Text
    CATALOG_TABLE: Text
    ORDERS_TABLE: Text
    ASSETS_BUCKET: Text
    EVENT_BUS: Text
    ITEMS_QUEUE_URL: str = ""
    CUSTOMERS_QUEUE_URL: str = ""
    DOCUMENTS_QUEUE_URL: str = ""
    ASSETS_QUEUE_URL: str = ""
    ORDERS_QUEUE_URL: str = ""
    EXACT_HOSTS: Text
    TOKEN_BACKEND: Literal["ssm", "dynamodb"] = "ssm"  # noqa: S105 - the name of a store
    PUBLIC_BASE_URL: Text
    OPERATOR_KEY_SECRET: Text
    CONSOLE_SESSION_SECRET: str = ""
    APPLICATION_SECRET_PREFIX: Text
    KMS_KEY_ID: str = ""
    CLOCK_RATE: float = 1.0
    CLOCK_OFFSET: float = 0.0
    CLOCK_ORIGIN: float = 0.0
    OIDC_ISSUER: str = ""
    OIDC_AUDIENCE: str = ""
    SALES_JOURNAL: str = ""
    UNKNOWN_GRACE_SECONDS: Annotated[float, Field(gt=0)] = 120.0

    @field_validator("EXACT_HOSTS")
    @classmethod
    def _hosts_are_safe(cls, value: str) -> str:
        for country, url in _pairs(value).items():
            parts = urlsplit(url)
            if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
                raise ValueError(f"the address of {country} must be https (or loopback for a local run), not {url!r}")
        return value

    @cached_property
    def hosts(self) -> Mapping[str, str]:
        """The allowed addresses of Exact by country code."""
        return _pairs(self.EXACT_HOSTS)

    @property
    def runs_on_loopback(self) -> bool:
        """Whether every country site of Exact is on this machine, as in a local run."""
        return all(urlsplit(url).hostname in _LOOPBACK for url in self.hosts.values())

    @property
    def redirect_uri(self) -> str:
        """The callback address that is registered with every application."""
        return self.PUBLIC_BASE_URL.rstrip("/") + "/oauth/callback"


def read_environment(variables: Mapping[str, str] | None = None) -> Environment:
    """Return the checked environment; raises ConfigurationError naming every variable that is wrong."""
    try:
        return Environment.model_validate(dict(os.environ if variables is None else variables))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors())
        raise ConfigurationError(f"The function's environment variables are wrong: {wrong}") from error


def _pairs(text: str) -> dict[str, str]:
    found = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        country, separator, url = pair.partition("=")
        if not separator or not url:
            raise ValueError(f"write country=address pairs separated by commas, not {pair!r}")
        found[country.strip().lower()] = url.strip().rstrip("/")
    return found
