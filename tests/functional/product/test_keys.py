"""Who may do what: a key opens its own tenant within its scopes, everything else is refused and changes nothing."""

from __future__ import annotations

import pytest

from functional.product.company import Company

SECRET_THINGS = ("/v1/items", "/v1/customers", "/v1/orders", "/v1/changes", "/v1/tenants/acme", "/v1/tenants")
ORDER = {"external_id": "K-1", "customer_code": "1", "lines": [{"item_code": "100001", "quantity": 1}]}


def key_of(company: Company, tenant: str, *scopes: str) -> str:
    made = company.ok("POST", f"/v1/tenants/{tenant}/keys", {"label": "test", "scopes": list(scopes)})
    return str(made["key"])


@pytest.fixture(scope="module")
def other(company: Company) -> Company:
    """A second tenant beside the first."""
    company.ok("POST", "/v1/tenants", {"id": "other", "name": "Other", "country": "nl", "division_code": 123459})
    return company


@pytest.mark.parametrize("path", SECRET_THINGS)
@pytest.mark.parametrize(
    "header",
    [
        pytest.param("", id="no key"),
        pytest.param("Bearer ", id="empty key"),
        pytest.param("Bearer nonsense", id="wrong key"),
        pytest.param("Basic b3BlcmF0b3I6eA==", id="other scheme"),
    ],
)
def test_without_a_known_key_nothing_is_shown(company: Company, path: str, header: str) -> None:
    status, found, headers = company.call("GET", path, headers={"authorization": header})
    assert (status, found["code"], headers["WWW-Authenticate"]) == (401, "UNAUTHENTICATED", "Bearer")


def test_an_order_under_a_wrong_key_changes_nothing(company: Company) -> None:
    before = company.rows()
    assert company.call("POST", "/v1/orders", ORDER, headers={"authorization": "Bearer wrong"})[0] == 401
    assert company.rows() == before


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        pytest.param("catalog:read", "POST", "/v1/orders", id="reader posts an order"),
        pytest.param("orders:read", "POST", "/v1/orders", id="order reader posts an order"),
        pytest.param("orders:write", "GET", "/v1/items", id="order writer reads items"),
        pytest.param("orders:write", "GET", "/v1/orders", id="order writer lists orders"),
        pytest.param("catalog:read", "GET", "/v1/orders/o1", id="reader reads an order"),
        pytest.param("orders:write", "PATCH", "/v1/tenants/acme/settings", id="order writer changes settings"),
        pytest.param("catalog:read", "POST", "/v1/tenants/acme/sync/items", id="reader starts a run"),
        pytest.param("tenant:admin", "POST", "/v1/tenants", id="administrator makes a tenant"),
        pytest.param("tenant:admin", "DELETE", "/v1/tenants/acme", id="administrator removes his tenant"),
    ],
)
def test_a_key_without_the_scope_is_refused_and_changes_nothing(
    company: Company, scope: str, method: str, path: str
) -> None:
    headers = {"authorization": f"Bearer {key_of(company, 'acme', scope)}"}
    before = company.rows()
    status, found, _ = company.call(method, path, ORDER, headers=headers)
    assert (status, found["code"]) == (403, "FORBIDDEN")
    assert company.rows() == before


def test_who_may_only_write_orders_reads_what_it_posted(company: Company) -> None:
    customer = next(each for each in company.served("/v1/customers") if not each["is_blocked"])
    item = next(each for each in company.served("/v1/items") if each["sales_price"] and each["item_code"].isdigit())
    lines = [{"item_code": item["item_code"], "quantity": 1, "unit_price": item["sales_price"]}]
    order = {"external_id": "K-OWN", "customer_id": customer["customer_id"], "lines": lines}
    headers = {"authorization": f"Bearer {key_of(company, 'acme', 'orders:write')}"}
    status, _, answered = company.call("POST", "/v1/orders", order, headers=headers)
    assert status == 202
    assert company.call("GET", answered["Location"], headers=headers)[1]["external_id"] == "K-OWN"
    assert company.call("GET", f"{answered['Location']}/trail", headers=headers)[0] == 200
    found = company.call("GET", "/v1/orders", headers=headers, query={"external_id": "K-OWN"})[1]["orders"]
    assert [each["external_id"] for each in found] == ["K-OWN"]


def test_a_key_opens_its_own_tenant_whatever_the_header_names(other: Company) -> None:
    key = key_of(other, "other", "catalog:read", "tenant:admin")
    headers = {"authorization": f"Bearer {key}"}
    status, found, _ = other.call("GET", "/v1/items", headers={**headers, "x-tenant-id": "acme"})
    assert status == 403 or found["items"] == []
    assert other.call("GET", "/v1/items", headers={**headers, "x-tenant-id": "other"})[1]["items"] == []
    assert other.call("GET", "/v1/tenants/acme", headers=headers)[0] in (403, 404)
    assert other.call("PATCH", "/v1/tenants/acme/settings", {"GetProspects": True}, headers=headers)[0] in (403, 404)


def test_an_order_of_one_tenant_is_not_found_by_another(other: Company) -> None:
    customer = next(each for each in other.served("/v1/customers") if not each["is_blocked"])
    item = next(each for each in other.served("/v1/items") if each["sales_price"])
    order = {"external_id": "K-2", "customer_id": customer["customer_id"],
             "lines": [{"item_code": item["item_code"], "quantity": 1}]}  # fmt: skip
    placed = other.ok("POST", "/v1/orders", order)["order_id"]
    headers = {
        "authorization": f"Bearer {key_of(other, 'other', 'orders:read', 'orders:write')}",
        "x-tenant-id": "other",
    }
    assert other.call("GET", f"/v1/orders/{placed}", headers=headers)[0] == 404
    assert other.call("POST", f"/v1/orders/{placed}/cancel", headers=headers)[0] == 404
    assert other.ok("GET", f"/v1/orders/{placed}")["state"] == "RECEIVED"


def test_a_revoked_key_opens_nothing(company: Company) -> None:
    made = company.ok("POST", "/v1/tenants/acme/keys", {"label": "short", "scopes": ["catalog:read"]})
    headers = {"authorization": f"Bearer {made['key']}"}
    assert company.call("GET", "/v1/items", headers=headers)[0] == 200
    assert company.call("DELETE", f"/v1/tenants/acme/keys/{made['id']}")[0] == 204
    assert company.call("GET", "/v1/items", headers=headers)[0] == 401
    assert made["id"] not in {each["id"] for each in company.ok("GET", "/v1/tenants/acme/keys")["keys"]}


def test_a_key_is_stored_as_a_hash_only(company: Company) -> None:
    key = key_of(company, "acme", "catalog:read")
    assert key not in str(company.rows())
    assert key not in str(company.ok("GET", "/v1/tenants/acme/keys"))
