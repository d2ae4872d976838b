"""The running product, as the demo sees it."""

from __future__ import annotations

from dataclasses import dataclass

from exact_local.aws import LocalAws
from exact_local.sandbox import ExactSite


@dataclass(frozen=True, slots=True)
class Running:
    """Addresses and keys of a running product."""

    url: str
    public_url: str
    operator_key: str
    site: ExactSite
    administration: str | None
    aws: LocalAws

    @property
    def has_sandbox(self) -> bool:
        """Whether Exact is the built-in sandbox; else the administration has a name."""
        return self.administration is None
