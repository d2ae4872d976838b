"""What Exact's refusal of a record is to its client: each problem with a pointer, a code, a remedy and the words. Pure.

Exact names no place, only words; what they are about is said by ``exact.http.business_texts``, and where that came from
in the record is said by each kind of record (orders, created customers).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exact_connector.errors import ConnectorError, ExactRejected
from exact_connector.exact.http.business_texts import Explanation, explain
from exact_connector.exactly_once.attempts import reasons_of


def refusal_reasons(error: ConnectorError, locate: Callable[[Explanation], str]) -> list[Mapping[str, Any]]:
    """Return why a record was refused, one reason for each problem in Exact's text; ``locate`` gives its JSON pointer.

    A text that says nothing of the record (the connection, the edition, rights) stays one reason for the whole.
    """
    if not isinstance(error, ExactRejected):
        return reasons_of(error)
    problems = explain(error.exact_text)
    if error.code not in {problem.code for problem in problems}:
        return reasons_of(error)
    return [
        {
            "pointer": locate(problem),
            "code": problem.code,
            "message": f"Exact refused it: {problem.original.rstrip('.')}. {problem.remedy}",
            "exact_text": problem.original,
        }
        for problem in problems
    ]
