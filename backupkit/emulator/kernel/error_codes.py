"""The errors that AWS Backup documents, each with its status of HTTP.

Sources: the API reference's pages of errors, those of each operation and those that all services have. AWS documents no
sentences; those here are ours, and a fault can be given another.
"""

from __future__ import annotations

import attrs

__all__ = ["CODES", "Documented"]


@attrs.frozen
class Documented:
    """An error: its status of HTTP, and a sentence for it."""

    status: int
    message: str


CODES: dict[str, Documented] = {
    # Of AWS Backup
    "AlreadyExistsException": Documented(400, "The required resource already exists."),
    "ConflictException": Documented(400, "An update of the same thing is under way. Retry your request."),
    "DependencyFailureException": Documented(500, "A dependent service or resource returned an error."),
    "InvalidParameterValueException": Documented(400, "The value of a parameter is wrong."),
    "InvalidRequestException": Documented(400, "The input of the request is wrong."),
    "InvalidResourceStateException": Documented(400, "Another action is under way on this recovery point."),
    "LimitExceededException": Documented(400, "A limit of the request has been exceeded."),
    "MissingParameterValueException": Documented(400, "A required parameter is missing."),
    "ResourceNotFoundException": Documented(400, "A resource that the action needs does not exist."),
    "ServiceUnavailableException": Documented(500, "The request failed because of a temporary failure of the server."),
    # Of all services
    "AccessDeniedException": Documented(403, "Insufficient privileges to perform this action."),
    "ExpiredTokenException": Documented(403, "The security token included in the request is expired"),
    "IncompleteSignature": Documented(403, "The request signature does not conform to AWS standards."),
    "InternalFailure": Documented(500, "The request failed because of an unknown error, exception or failure."),
    "InvalidClientTokenId": Documented(403, "The security token included in the request is invalid."),
    "MissingAuthenticationToken": Documented(403, "The request must contain a valid access key id."),
    "NotAuthorized": Documented(400, "You do not have permission to perform this action."),
    "OptInRequired": Documented(403, "The access key id needs a subscription for the service."),
    "RequestEntityTooLarge": Documented(413, "The request is larger than the service takes."),
    "RequestExpired": Documented(400, "The request reached the service too late."),
    "RequestTimeoutException": Documented(408, "The request was not received in time."),
    "ServiceUnavailable": Documented(503, "The request failed because of a temporary failure of the server."),
    "ThrottlingException": Documented(400, "Rate exceeded"),
    "UnknownOperationException": Documented(404, "The action or operation is not recognized."),
    "UnrecognizedClientException": Documented(403, "The security token included in the request is invalid."),
    "ValidationError": Documented(400, "The input does not satisfy the constraints of the service."),
}
