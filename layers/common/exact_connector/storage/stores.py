"""The tables that the synchronisation and the served documents share."""

from __future__ import annotations

from dataclasses import dataclass

from exact_connector.storage.table import Database, Table


@dataclass(frozen=True, slots=True)
class Stores:
    """The tables of the synchronisation."""

    database: Database
    sync: Table
    records: Table
    catalog: Table
