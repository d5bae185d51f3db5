"""Every answer that is not a success, in the one error schema."""

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from deployments import telemetry
from deployments.body_problems import deepest_problem
from deployments.client import JSON
from deployments.edge import id_of
from hybridrec.errors import InvalidQuery, StageUnavailable
from hybridrec.schema.answers import ErrorResponse

_CODES = {404: "not_found", 405: "method_not_allowed"}


class Refusal(HTTPException):
    """An error answer with a code of its own."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(status, detail)
        self.code = code


def refusal_of(error: ValidationError, model: type[BaseModel]) -> Refusal:
    """What is wrong with a body that should fit a model, by the path of its first wrong field."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    if problems[0]["type"] == "json_invalid":
        return Refusal(400, "malformed_json", problems[0]["msg"])
    return Refusal(422, "invalid_request", deepest_problem(problems, model))


def _answer(request: Request, status: int, code: str, detail: str) -> Response:
    request_id = id_of(request)
    telemetry.refused(request_id, status, code)
    body = ErrorResponse(code=code, detail=detail, request_id=request_id)
    return Response(body.model_dump_json(), status, media_type=JSON)


def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  how Starlette calls it
    code = error.code if isinstance(error, Refusal) else _CODES.get(error.status_code, "http_error")
    response = _answer(request, error.status_code, code, error.detail)
    response.headers.update(error.headers or {})
    return response


def _answer_query(request: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidQuery)  # noqa: S101  how Starlette calls it
    return _answer(request, 422, error.code, error.detail)


def _answer_stage(request: Request, error: Exception) -> Response:
    assert isinstance(error, StageUnavailable)  # noqa: S101  how Starlette calls it
    return _answer(request, 503, "not_ready", error.detail)


def _answer_bug(request: Request, _: Exception) -> Response:
    return _answer(request, 500, "internal_error", "this is a fault of the service; see its log")


HANDLERS: dict[type[Exception], ExceptionHandler] = {
    HTTPException: _answer_http,
    InvalidQuery: _answer_query,
    StageUnavailable: _answer_stage,
    Exception: _answer_bug,
}
