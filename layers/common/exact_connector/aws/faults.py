"""What each error code of AWS means to the connector: one table with a decision for every code, and its two uses.

    PASSING    StoreUnavailable: the work is tried again later
    CONFLICT   another writer is at the row at this very moment: the write is repeated after a short pause
    CONDITION  the condition of a write was not met        CANCELLED  a transaction did not take place
    ABSENT     the thing is not there                       LIMIT      a row, key or transaction is too large
    FAULT      the deployment or the connector is wrong: the error goes up as it came

Sources: botocore's service models (a test compares), "Error Handling with DynamoDB", the services' common errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from exact_connector.errors import StoreUnavailable


class Decision(Enum):
    """What to do about an error code."""

    PASSING = "passing"
    CONFLICT = "conflict"
    CONDITION = "condition"
    CANCELLED = "cancelled"
    ABSENT = "absent"
    LIMIT = "limit"
    FAULT = "fault"


_CODES: Mapping[Decision, str] = {
    Decision.PASSING: """
        ProvisionedThroughputExceededException ProvisionedThroughputExceeded RequestLimitExceeded ThrottlingException
        ThrottlingError Throttling ThrottledException RequestThrottled RequestThrottledException
        TooManyRequestsException BandwidthLimitExceeded PriorRequestNotComplete SlowDown TransactionInProgressException
        TooManyUpdates InternalFailure InternalError InternalException InternalServerError InternalServiceError
        InternalServiceException ServiceUnavailable ServiceUnavailableException RequestTimeout RequestTimeoutException
        OperationAborted ExpiredToken ExpiredTokenException RequestExpired
        KMSThrottlingException KmsThrottled KMSInternalException KMSInternalFailureException DependencyTimeoutException
        KeyUnavailableException""",
    Decision.CONFLICT: "TransactionConflictException TransactionConflict ReplicatedWriteConflictException",
    Decision.CONDITION: "ConditionalCheckFailedException ConditionalCheckFailed",
    Decision.CANCELLED: "TransactionCanceledException",
    Decision.ABSENT: "ParameterNotFound ParameterVersionNotFound NoSuchKey",
    Decision.LIMIT: """
        ItemCollectionSizeLimitExceededException ItemCollectionSizeLimitExceeded EntityTooLarge BatchRequestTooLong""",
    Decision.FAULT: """
        AccessDeniedException AccessDenied UnrecognizedClientException InvalidSignatureException
        IncompleteSignature MissingAuthenticationTokenException OptInRequired NotAuthorized ValidationException
        ValidationError ResourceNotFoundException IdempotentParameterMismatchException
        HierarchyLevelLimitExceededException HierarchyTypeMismatchException IncompatiblePolicyException
        InvalidAllowedPatternException InvalidKeyId InvalidPolicyAttributeException InvalidPolicyTypeException
        ParameterAlreadyExists ParameterLimitExceeded ParameterMaxVersionLimitExceeded ParameterPatternMismatchException
        PoliciesLimitExceededException UnsupportedParameterType
        DecryptionFailure InvalidParameterException InvalidRequestException
        BatchEntryIdsNotDistinct EmptyBatchRequest InvalidAddress InvalidBatchEntryId InvalidMessageContents
        InvalidSecurity KmsAccessDenied KmsDisabled KmsInvalidKeyUsage KmsInvalidState KmsNotFound KmsOptInRequired
        QueueDoesNotExist TooManyEntriesInBatchRequest UnsupportedOperation
        EncryptionTypeMismatch InvalidObjectState InvalidRequest InvalidWriteOffset NoSuchBucket TooManyParts
        DisabledException DryRunOperationException IncorrectKeyException InvalidCiphertextException
        InvalidGrantTokenException InvalidKeyUsageException KMSInvalidStateException NotFoundException""",
}
DECISIONS: Mapping[str, Decision] = {code: decision for decision, codes in _CODES.items() for code in codes.split()}
"""Error code -> decision. A code that is not in it passes when its HTTP status is 429 or 5xx, else it is a fault."""

_TOO_LARGE = re.compile(
    r"item size (?:to update )?has exceeded|exceeded the maximum (?:allowed )?size|size of (?:hash|range) ?key"
    r"|member must have length less than or equal to 100|cannot exceed (?:the maximum of )?4 ?mb",
    re.IGNORECASE,
)


def error_code(error: ClientError) -> str:
    """Return the code of an error that an AWS service answered."""
    return str(error.response.get("Error", {}).get("Code", ""))


def decide(error: ClientError) -> Decision:
    """Return what to do about an answer of an AWS service."""
    response: Any = error.response
    code = error_code(error)
    if code == "ValidationException" and is_too_large(str(response.get("Error", {}).get("Message", ""))):
        return Decision.LIMIT
    decision = DECISIONS.get(code)
    if decision is not None:
        return decision
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return Decision.PASSING if status >= 500 or status == 429 else Decision.FAULT


def is_too_large(message: str) -> bool:
    """Return whether a message of DynamoDB says that a row, a key or a transaction is too large."""
    return _TOO_LARGE.search(message) is not None


@contextmanager
def passing_faults(service: str) -> Iterator[None]:
    """Turn time-outs, refused connections and throttling of an AWS service into StoreUnavailable."""
    try:
        yield
    except ClientError as error:
        if decide(error) is Decision.PASSING:
            raise busy(service, error_code(error)) from error
        raise
    except BotoCoreError as error:
        kind = type(error).__name__
        raise StoreUnavailable(f"{service} did not answer ({kind}); the work is tried again later.") from error


def busy(service: str, code: str) -> StoreUnavailable:
    """Return the error for a service that cannot take the work now."""
    return StoreUnavailable(f"{service} is busy ({code}); the work is tried again later.")


def reasons(error: ClientError) -> list[dict[str, Any]]:
    """Return the reasons of a cancelled transaction, one per action."""
    response: Any = error.response
    return list(response.get("CancellationReasons", []))
