"""What every part stands on: time, tables and services; the only module that imports ``aws``."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from exact_connector.aws.dynamodb import DynamoDatabase, DynamoTable
from exact_connector.aws.services import EventBridgeBus, S3Blobs, SecretsManagerSecrets, SqsQueue, SsmParameters
from exact_connector.clock import Clock, SystemClock
from exact_connector.environment import Environment
from exact_connector.identifiers import random_text
from exact_connector.storage.ports import BlobStore, EventBus, ParameterStore, Queue, SecretStore
from exact_connector.storage.table import Database, Table

if TYPE_CHECKING:
    from exact_connector.exact.auth.cipher import DataKeys
    from exact_connector.exact.http.transport import HttpSender


class Platform:
    """What everything stands on, each part built when first asked for."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    @cached_property
    def clock(self) -> Clock:
        """The clock of the deployment; sped up only in a local run."""
        found = self.environment
        return SystemClock(rate=found.CLOCK_RATE, offset=found.CLOCK_OFFSET, origin=found.CLOCK_ORIGIN)

    @cached_property
    def database(self) -> Database:
        """Transactions over all tables."""
        return DynamoDatabase()

    @cached_property
    def control_table(self) -> Table:
        """Tenants, connections, keys, audit."""
        return DynamoTable(self.environment.CONTROL_TABLE)

    @cached_property
    def sync_table(self) -> Table:
        """Checkpoints, leases, budgets."""
        return DynamoTable(self.environment.SYNC_TABLE)

    @cached_property
    def records_table(self) -> Table:
        """Rows of Exact."""
        return DynamoTable(self.environment.RECORDS_TABLE)

    @cached_property
    def catalog_table(self) -> Table:
        """Canonical documents and the change feed."""
        return DynamoTable(self.environment.CATALOG_TABLE)

    @cached_property
    def orders_table(self) -> Table:
        """Orders and their life cycle."""
        return DynamoTable(self.environment.ORDERS_TABLE)

    @cached_property
    def parameters(self) -> ParameterStore:
        """Tokens and settings."""
        return SsmParameters(kms_key_id=self.environment.KMS_KEY_ID or None)

    @cached_property
    def secrets(self) -> SecretStore:
        """Credentials of the platform."""
        return SecretsManagerSecrets()

    @cached_property
    def data_keys(self) -> DataKeys:
        """Keys that seal tokens in a table."""
        from exact_connector.aws.kms import KmsDataKeys

        return KmsDataKeys(self.environment.KMS_KEY_ID)

    @cached_property
    def events(self) -> EventBus:
        """Outgoing events."""
        return EventBridgeBus(self.environment.EVENT_BUS)

    @cached_property
    def blobs(self) -> BlobStore:
        """Pictures, attachments, exports."""
        return S3Blobs(self.environment.ASSETS_BUCKET)

    @cached_property
    def queues(self) -> Mapping[str, Queue]:
        """The queues by worker group, those that the deployment has."""
        found = self.environment
        urls = {
            "items": found.ITEMS_QUEUE_URL,
            "customers": found.CUSTOMERS_QUEUE_URL,
            "documents": found.DOCUMENTS_QUEUE_URL,
            "assets": found.ASSETS_QUEUE_URL,
            "orders": found.ORDERS_QUEUE_URL,
        }
        return {name: SqsQueue(url) for name, url in urls.items() if url}

    @cached_property
    def sender(self) -> HttpSender:
        """The one connection pool to Exact."""
        from exact_connector.exact.http.transport import process_sender

        return process_sender()

    @cached_property
    def worker_name(self) -> str:
        """A name for this process in leases."""
        return f"{socket.gethostname()}-{random_text(8)}"
