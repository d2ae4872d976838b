"""What each function's role may do, read from the template, and the judgement of one call. Pure.

The local AWS checks no permission, so green here would mean nothing on AWS. Every call of a handler is therefore turned
into the actions and resources that AWS would check (a transaction into one action per row, a call on something that is
encrypted with the deployment's key into the use of that key as well), and compared with the statements of its role.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs, unquote

ACCOUNT = "000000000000"
_SUFFIX = "-Secret"
"""What stands for the six random characters that AWS adds to the ARN of a secret."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One granted statement. ``leading_keys``: patterns that every partition key has to match, None for any key."""

    policy: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    leading_keys: tuple[str, ...] | None = None

    def allows(self, need: Need) -> bool:
        """Tell whether this statement covers a need."""
        return (
            any(fnmatchcase(need.action.lower(), action.lower()) for action in self.actions)
            and any(fnmatchcase(need.resource, resource) for resource in self.resources)
            and (
                self.leading_keys is None
                or all(any(fnmatchcase(key, pattern) for pattern in self.leading_keys) for key in need.leading_keys)
            )
        )


@dataclass(frozen=True, slots=True)
class Need:
    """One action on one resource that a call has to be allowed, with the partition keys that it names."""

    action: str
    resource: str
    leading_keys: tuple[str, ...] = ()


class Role:
    """The statements of one function's role."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self.statements = tuple(statements)

    def missing(self, needs: Iterable[Need]) -> list[Need]:
        """Return the needs that no statement covers."""
        return [need for need in needs if not any(statement.allows(need) for statement in self.statements)]


# -- from the template to roles --------------------------------------------------------------------------------------


class Arns:
    """Resolves the references of policies to the names that resources have in one stage and region."""

    def __init__(self, resources: Mapping[str, Any], stage: str, region: str) -> None:
        self._resources = resources
        self._names = {
            "Stage": stage,
            "AWS::Partition": "aws",
            "AWS::Region": region,
            "AWS::AccountId": ACCOUNT,
            "AWS::URLSuffix": "amazonaws.com",
        }

    def text(self, value: Any) -> str:
        """Return a text of the template with everything filled in."""
        if isinstance(value, str):
            return value
        if "Ref" in value:
            name = value["Ref"]
            return self._names[name] if name in self._names else self.arn(name)
        if "Fn::GetAtt" in value:
            return self.arn(value["Fn::GetAtt"][0])
        return re.sub(r"\$\{([^}]+)\}", self._filled, value["Fn::Sub"])

    def _filled(self, match: re.Match[str]) -> str:
        name = match[1].removesuffix(".Arn")
        return self._names[name] if name in self._names else self.arn(name)

    def arn(self, logical_id: str) -> str:
        """Return the ARN of a resource of the template. Raises KeyError for a type that policies cannot name here."""
        resource = self._resources[logical_id]
        properties = resource.get("Properties", {})
        service, pattern, name = _ARNS[resource["Type"]]
        named = "*" if name is None else self.text(properties[name])
        place = "" if service == "s3" else f"{self._names['AWS::Region']}:{ACCOUNT}"
        return f"arn:aws:{service}:{place if place else ':'}:{pattern.format(named)}"


_ARNS: Mapping[str, tuple[str, str, str | None]] = {
    "AWS::DynamoDB::Table": ("dynamodb", "table/{}", "TableName"),
    "AWS::SQS::Queue": ("sqs", "{}", "QueueName"),
    "AWS::S3::Bucket": ("s3", "{}", "BucketName"),
    "AWS::KMS::Key": ("kms", "key/{}", None),
    "AWS::SecretsManager::Secret": ("secretsmanager", "secret:{}" + _SUFFIX, "Name"),
    "AWS::Events::EventBus": ("events", "event-bus/{}", "Name"),
}


def roles_of(document: Mapping[str, Any], stage: str, region: str) -> dict[str, Role]:
    """Return the role of each function of the template by the function's name."""
    resources = document["Resources"]
    arns = Arns(resources, stage, region)
    roles = {}
    for resource in resources.values():
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource["Properties"]
            name = properties["FunctionName"]["Fn::Sub"].replace("${Stage}", stage)
            roles[name] = Role(_statements(properties.get("Policies", ()), resources, arns))
    return roles


def _statements(policies: Iterable[Any], resources: Mapping[str, Any], arns: Arns) -> list[Statement]:
    found = []
    for policy in filter(None, map(_chosen, policies)):
        name = policy.get("Ref", "inline")
        document = resources[name]["Properties"]["PolicyDocument"] if "Ref" in policy else policy
        found += [_statement(name, statement, arns) for statement in document["Statement"]]
    return found


def _chosen(policy: Any) -> Any:
    """Return the policy that a local run has: of a choice the second, for every condition of policies is off here."""
    chosen = policy["Fn::If"][2] if "Fn::If" in policy else policy
    return None if chosen == {"Ref": "AWS::NoValue"} else chosen


def _statement(policy: str, statement: Mapping[str, Any], arns: Arns) -> Statement:
    if statement["Effect"] != "Allow" or set(statement) - {"Effect", "Action", "Resource", "Condition", "Sid"}:
        raise ValueError(f"{policy} has a statement of a form that the local run cannot judge")
    condition = statement.get("Condition")
    keys: tuple[str, ...] | None = None
    if condition is not None:
        if list(condition) != ["ForAllValues:StringLike"]:
            raise ValueError(f"{policy} has a condition that the local run cannot judge: {sorted(condition)}")
        keys = tuple(_list(condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]))
    return Statement(
        policy, tuple(_list(statement["Action"])), tuple(arns.text(each) for each in _list(statement["Resource"])), keys
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def encrypted_services(document: Mapping[str, Any], stage: str, region: str) -> frozenset[str]:
    """Return the ARNs of tables, secrets and buckets that are encrypted with the deployment's own key."""
    arns = Arns(document["Resources"], stage, region)
    return frozenset(
        arns.arn(name)
        for name, resource in document["Resources"].items()
        if resource["Type"] in _ARNS and "DataKey" in json.dumps(resource.get("Properties", {}))
    )


# -- from a call to its needs ----------------------------------------------------------------------------------------

_ROW_ACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_KEY_USES: Mapping[str, tuple[str, ...]] = {
    "dynamodb": ("kms:Decrypt",),
    "secretsmanager": ("kms:Decrypt",),
    "s3:GetObject": ("kms:Decrypt",),
    "s3:PutObject": ("kms:GenerateDataKey",),
    "ssm:GetParameter": ("kms:Decrypt",),
    "ssm:GetParameterHistory": ("kms:Decrypt",),
    "ssm:PutParameter": ("kms:Encrypt",),
}


class Judge:
    """Turns calls into needs. ``encrypted``: ARNs whose use is a use of the deployment's key as well."""

    def __init__(self, region: str, encrypted: Iterable[str]) -> None:
        self._region = region
        self._encrypted = frozenset(encrypted)

    def needs(self, service: str, method: str, path: str, query: str, target: str, body: bytes) -> list[Need]:
        """Return what a call has to be allowed. Raises ValueError for a call of an unknown kind."""
        action = target.rpartition(".")[2]
        if service == "s3":
            own = [self._s3(method, path, query)]
        else:
            request = json.loads(body or b"{}")
            own = list(getattr(self, f"_{service}", self._unknown)(action, request))
        return [*own, *self._key_needs(own)]

    def _arn(self, service: str, name: str) -> str:
        return f"arn:aws:{service}:{self._region}:{ACCOUNT}:{name}"

    def _unknown(self, action: str, _request: Any) -> Iterable[Need]:
        raise ValueError(f"a call of a service that no handler uses: {action}")

    def _dynamodb(self, action: str, request: Any) -> Iterable[Need]:
        def table(name: str, index: str | None = None) -> str:
            return self._arn("dynamodb", f"table/{name.rpartition('/')[2]}" + (f"/index/{index}" if index else ""))

        if action == "TransactWriteItems":
            for each in request["TransactItems"]:
                ((kind, row),) = each.items()
                yield Need(f"dynamodb:{_ROW_ACTIONS[kind]}", table(row["TableName"]), _keys(row))
        elif action == "TransactGetItems":
            for each in request["TransactItems"]:
                yield Need("dynamodb:GetItem", table(each["Get"]["TableName"]), _keys(each["Get"]))
        elif "RequestItems" in request:
            for name, rows in request["RequestItems"].items():
                entries = rows["Keys"] if isinstance(rows, dict) else [next(iter(row.values())) for row in rows]
                keys = tuple(
                    key for entry in entries for key in _keys({"Key": entry.get("Key", entry.get("Item", entry))})
                )
                yield Need(f"dynamodb:{action}", table(name), keys)
        else:
            yield Need(f"dynamodb:{action}", table(request["TableName"], request.get("IndexName")), _keys(request))

    def _ssm(self, action: str, request: Any) -> Iterable[Need]:
        for name in request.get("Names") or [request["Name"]]:
            yield Need(f"ssm:{action}", self._arn("ssm", f"parameter/{_plain_name(name)}"))

    def _secretsmanager(self, action: str, request: Any) -> Iterable[Need]:
        yield Need(f"secretsmanager:{action}", self._arn("secretsmanager", f"secret:{request['SecretId']}{_SUFFIX}"))

    def _sqs(self, action: str, request: Any) -> Iterable[Need]:
        name = "SendMessage" if action == "SendMessageBatch" else action
        yield Need(f"sqs:{name}", self._arn("sqs", request["QueueUrl"].rpartition("/")[2]))

    def _events(self, action: str, request: Any) -> Iterable[Need]:
        for entry in request["Entries"]:
            yield Need(f"events:{action}", self._arn("events", f"event-bus/{entry.get('EventBusName', 'default')}"))

    def _kms(self, action: str, _request: Any) -> Iterable[Need]:
        yield Need(f"kms:{action}", self._arn("kms", "key/*"))

    def _s3(self, method: str, path: str, query: str) -> Need:
        bucket, _, key = unquote(path).lstrip("/").partition("/")
        if not key:
            if "list-type" not in parse_qs(query, keep_blank_values=True):
                raise ValueError(f"a call of S3 that no handler makes: {method} of a bucket")
            return Need("s3:ListBucket", f"arn:aws:s3:::{bucket}")
        action = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}[method]
        return Need(f"s3:{action}", f"arn:aws:s3:::{bucket}/{key}")

    def _key_needs(self, needs: Sequence[Need]) -> list[Need]:
        used: dict[str, None] = {}
        for need in needs:
            service = need.action.partition(":")[0]
            if service == "ssm" or self._is_encrypted(need.resource):
                for action in _KEY_USES.get(need.action, _KEY_USES.get(service, ())):
                    used[action] = None
        return [Need(action, self._arn("kms", "key/*")) for action in used]

    def _is_encrypted(self, resource: str) -> bool:
        return any(resource == arn or resource.startswith(f"{arn}/") for arn in self._encrypted)


def _plain_name(name: str) -> str:
    """Return the name of a parameter without a leading slash and without the version that is asked for."""
    return re.sub(r":\d+$", "", name).lstrip("/")


def _keys(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the partition keys that a row action names."""
    key = row.get("Key") or row.get("Item")
    if key is not None:
        return (str(key["pk"]["S"]),)
    values = row.get("ExpressionAttributeValues", {})
    names = row.get("ExpressionAttributeNames", {})
    match = re.match(r"\s*\(?\s*(#?\w+)\s*=\s*(:\w+)", str(row.get("KeyConditionExpression", "")))
    if match is None or row.get("IndexName"):
        return ()
    return (str(values[match[2]]["S"]),) if names.get(match[1], match[1]) == "pk" else ()


# -- as data, for the process of the local AWS -----------------------------------------------------------------------


def to_json(roles: Mapping[str, Role], encrypted: Iterable[str], region: str) -> str:
    """Write roles as JSON."""
    return json.dumps(
        {
            "region": region,
            "encrypted": sorted(encrypted),
            "roles": {
                name: [[each.policy, each.actions, each.resources, each.leading_keys] for each in role.statements]
                for name, role in roles.items()
            },
        }
    )


def from_json(text: str) -> tuple[dict[str, Role], Judge]:
    """Read what ``to_json`` wrote."""
    document = json.loads(text)
    roles = {
        name: Role(
            Statement(policy, tuple(actions), tuple(resources), None if keys is None else tuple(keys))
            for policy, actions, resources, keys in statements
        )
        for name, statements in document["roles"].items()
    }
    return roles, Judge(document["region"], document["encrypted"])
