"""What the local run needs to know of ``template.yaml`` before it is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from exact_local.failures import LocalRunError
from exact_local.permissions import encrypted_services, roles_of, to_json

REGION = "eu-west-1"
"""The region of the local AWS."""


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short tags as plain values: ``!Sub x`` is ``{"Fn::Sub": x}``."""


def _short_tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_tag)


@dataclass(frozen=True, slots=True)
class Function:
    """One Lambda function of the template."""

    name: str
    handler: str
    timeout: int
    serves_http: bool


@dataclass(frozen=True, slots=True)
class Template:
    """The text of the template, its functions, and their roles as JSON."""

    text: str
    functions: tuple[Function, ...]
    permissions: str


def load_document(text: str) -> Any:
    """Read CloudFormation YAML with its short tags written out. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_Loader)


def read_template(path: Path, stage: str) -> Template:
    """Read the template. Raises LocalRunError when it is missing or is no SAM template."""
    try:
        text = path.read_text()
        document = load_document(text)
    except FileNotFoundError:
        raise LocalRunError(f"{path} is missing: run from a complete checkout.") from None
    except yaml.YAMLError as error:
        raise LocalRunError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    try:
        roles = roles_of(document, stage, REGION)
        permissions = to_json(roles, encrypted_services(document, stage, REGION), REGION)
        return Template(text, tuple(_functions(document, stage)), permissions)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LocalRunError(f"{path} is no template of this product: {type(error).__name__} at {error}.") from None


def _functions(document: dict[str, Any], stage: str) -> list[Function]:
    default_timeout = int(document["Globals"]["Function"]["Timeout"])
    http = {
        resource["Properties"]["IntegrationUri"]["Fn::GetAtt"][0]
        for resource in document["Resources"].values()
        if resource["Type"] == "AWS::ApiGatewayV2::Integration"
    }
    return [
        Function(
            name=resource["Properties"]["FunctionName"]["Fn::Sub"].replace("${Stage}", stage),
            handler=resource["Properties"]["Handler"],
            timeout=int(resource["Properties"].get("Timeout", default_timeout)),
            serves_http=logical_id in http,
        )
        for logical_id, resource in document["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
