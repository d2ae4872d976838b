"""The settings of a tenant as they are read, saved and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from typing_extensions import TypedDict

from exact_connector.documents.models.terms import About, MomentText

SettingValue = bool | int | float | str | None

Values = Annotated[
    Mapping[str, SettingValue],
    About("All settings by key; `GET /v1/settings/schema` describes them", example={"GetProspects": True}),
]


class SettingsProblem(TypedDict):
    """Something about one setting."""

    key: Annotated[str, About("The setting; empty where the whole document is meant", example="WarehouseForStock")]
    code: Annotated[str, About("Stable code", example="CONFIG_REFERENCE_NOT_FOUND")]
    message: Annotated[str, About("What was seen and what to do about it", example="...")]


class SettingsDocument(TypedDict):
    """All settings of a tenant."""

    settings: Values


class SavedSettings(SettingsDocument):
    """All settings after they were saved."""

    warnings: Annotated[list[SettingsProblem], About("What is odd but allowed")]


class SettingsCheck(TypedDict):
    """What the look-up of the codes in Exact found."""

    problems: Annotated[list[SettingsProblem], About("Codes that Exact does not have")]
    warnings: Annotated[list[SettingsProblem], About("What is odd but allowed")]
    stopped: Annotated[list[str], About("What does not run until it is corrected", example=[])]
    not_checked: Annotated[list[str], About("Settings that could not be looked up", example=[])]


class SettingChange(TypedDict):
    """One setting that was changed."""

    key: Annotated[str, About("The setting", example="GetProspects")]
    old: Annotated[SettingValue, About("The value before", null="when it was null", example=False)]
    new: Annotated[SettingValue, About("The value since", null="when it is null", example=True)]


class SettingsSave(TypedDict):
    """One change of settings."""

    at: Annotated[MomentText, About("When")]
    who: Annotated[str, About("Who", example="operator")]
    changes: Annotated[list[SettingChange], About("What was changed")]


class SettingsHistory(TypedDict):
    """A page of the changes of settings, newest first."""

    history: list[SettingsSave]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]
