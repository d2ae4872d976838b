"""The composition root: the only place that knows every part; functions ask it for theirs."""

from exact_connector.wiring.container import Container, container

__all__ = ["Container", "container"]
