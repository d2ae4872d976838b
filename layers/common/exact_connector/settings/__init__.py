"""The connector settings: one typed catalogue, validation, storage form and what each setting needs. Pure."""

from exact_connector.settings.model import DEFAULTS, KEYS, Settings, SettingValue

__all__ = ["DEFAULTS", "KEYS", "SettingValue", "Settings"]
