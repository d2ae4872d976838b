"""Which registered application a tenant uses at which country site, and its credentials."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from exact_connector.errors import ConfigurationError, TenantMisconfigured
from exact_connector.storage.ports import ParameterStore, SecretStore
from exact_connector.tenants.model import ApplicationInput, Tenant


@dataclass(frozen=True, slots=True)
class Application:
    """An application registered in Exact's App Center; secrets never show in a repr."""

    client_id: str
    base_url: str
    client_secret: str = field(repr=False)
    webhook_secret: str | None = field(repr=False, default=None)


class Applications:
    """Finds a tenant's application: its own, or the platform's of its country.

    ``hosts`` is the list of allowed addresses by country code; ``prefix`` the path of the platform's secrets.
    """

    def __init__(
        self, secrets: SecretStore, parameters: ParameterStore, hosts: Mapping[str, str], *, prefix: str, stage: str
    ) -> None:
        self._secrets = secrets
        self._parameters = parameters
        self._hosts = hosts
        self._prefix = prefix
        self._stage = stage

    def base_url(self, country: str) -> str:
        """Return the address of a country site; raises ConfigurationError for one that is not allowed here."""
        try:
            return self._hosts[country]
        except KeyError as error:
            known = ", ".join(sorted(self._hosts))
            raise ConfigurationError(
                f"The country site {country!r} is not allowed in this deployment; it has {known}.",
                code="COUNTRY_NOT_ALLOWED",
            ) from error

    def of(self, tenant: Tenant, *, client_id: str = "") -> Application:
        """Return the tenant's application; ``client_id`` (the setting Applicationkey) names another own one.

        Raises TenantMisconfigured AUTH_NOT_CONFIGURED when there are no credentials for it.
        """
        base_url = self.base_url(tenant.country)
        wanted = client_id or tenant.own_client_id
        own = self._own(tenant.tenant) if wanted else None
        platform = self._platform(tenant.country)
        for found in (own, platform):
            if found is not None and (not wanted or found["client_id"].lower() == wanted.lower()):
                return Application(found["client_id"], base_url, found["client_secret"], found.get("webhook_secret"))
        if wanted:
            raise TenantMisconfigured(
                f"There is no client secret for the application {wanted}; send it as application.client_secret of the"
                " tenant.",
                code="AUTH_NOT_CONFIGURED",
            )
        raise TenantMisconfigured(
            f"The platform has no application for the country site {tenant.country!r}; store its credentials in the"
            f" secret {self._prefix}/{tenant.country}, or give the tenant an application of its own.",
            code="AUTH_NOT_CONFIGURED",
        )

    def store_own(self, tenant: str, application: ApplicationInput) -> None:
        """Keep the credentials of a tenant's own application, encrypted."""
        value = {
            "client_id": application.client_id,
            "client_secret": application.client_secret.get_secret_value(),
        }
        if application.webhook_secret is not None:
            value["webhook_secret"] = application.webhook_secret.get_secret_value()
        self._parameters.put(self._own_name(tenant), json.dumps(value), secure=True)

    def forget_own(self, tenant: str) -> None:
        """Remove the credentials of a tenant's own application."""
        self._parameters.delete(self._own_name(tenant))

    def _own_name(self, tenant: str) -> str:
        return f"/{self._stage}/tenants/{tenant}/application"

    def _own(self, tenant: str) -> dict[str, str] | None:
        parameter = self._parameters.get(self._own_name(tenant))
        return None if parameter is None else _credentials(parameter.value)

    def _platform(self, country: str) -> dict[str, str] | None:
        value = self._secrets.get(f"{self._prefix}/{country}")
        return None if value is None else _credentials(value)


def _credentials(text: str) -> dict[str, str] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or not found.get("client_id") or not found.get("client_secret"):
        return None
    return {name: str(value) for name, value in found.items() if value}
