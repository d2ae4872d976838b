"""One running product for all acceptance tests; its time runs six times as fast, so that leases end in seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from runtime.acceptance.stack import Stack, Tenant

OPTIONS = ("--items", "800", "--customers", "120", "--clock-rate", "6")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, free_port: Callable[[], int]) -> Iterator[Stack]:
    """The running product."""
    running = Stack(tmp_path_factory.mktemp("run") / "state", free_port(), *OPTIONS)
    yield running
    running.close()


@pytest.fixture(scope="module")
def undisturbed(stack: Stack) -> Tenant:
    """A tenant that was linked and loaded while nothing went wrong."""
    tenant = Tenant(stack, "undisturbed")
    tenant.link()
    tenant.wait_until_loaded()
    return tenant
