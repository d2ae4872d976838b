"""The template as CloudFormation gets it: after the SAM transform."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from exact_local.deploy import packaged
from exact_local.template import load_document

ROOT = Path(__file__).resolve().parents[2]
Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def source() -> str:
    """The text of the template."""
    return (ROOT / "template.yaml").read_text()


@pytest.fixture(scope="session")
def resources(source: str) -> Resources:
    """The resources after the SAM transform."""
    from samtranslator.translator.transform import transform

    before = os.environ.get("AWS_DEFAULT_REGION")
    os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
    try:
        document = load_document(packaged(source, "artifacts", "code.zip"))
        translated: Resources = transform(document, {}, None)["Resources"]
    finally:
        if before is None:
            del os.environ["AWS_DEFAULT_REGION"]
        else:
            os.environ["AWS_DEFAULT_REGION"] = before
    return translated


def of_type(resources: Resources, kind: str) -> Resources:
    """Return the properties of the resources of one type by logical id."""
    return {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == kind}
