"""Problem documents (RFC 9457): what a refused request is answered with."""

from __future__ import annotations

from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from exact_connector.documents.models.terms import About


class ProblemFault(TypedDict):
    """One thing that is wrong with a request."""

    pointer: Annotated[str, About("JSON pointer into the body; `?name` for a query parameter", example="/lines/0")]
    key: NotRequired[
        Annotated[
            str, About("The setting that is wrong", absent="outside answers about settings", example="GetProspects")
        ]
    ]
    code: Annotated[str, About("Stable code", example="INVALID_VALUE")]
    message: Annotated[str, About("What was seen and what to do about it", example="Send a JSON object.")]


class Problem(TypedDict):
    """Why a request was refused, and what to do about it."""

    type: Annotated[str, About("`about:blank`; the `code` says more", example="about:blank")]
    title: Annotated[str, About("The status in words", example="Unprocessable Entity")]
    status: Annotated[int, About("The status", example=422)]
    code: Annotated[str, About("Stable code of the cause", example="INVALID_INPUT")]
    detail: Annotated[str, About("What was seen and what to do about it", example="1 field(s) of the body are wrong.")]
    exact_text: NotRequired[Annotated[str, About("Exact's own words", absent="unless Exact refused", example="...")]]
    errors: NotRequired[Annotated[list[ProblemFault], About("Each wrong place", absent="unless places are wrong")]]
