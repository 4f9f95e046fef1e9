"""Logs: one line per event, readable in a trial, JSON in production; never what a person typed or who they are."""

import re
from typing import Any

import structlog
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware
from django_structlog.signals import bind_extra_request_metadata


class RequestLog(RequestMiddleware):
    """django-structlog's request log without the query string: people search for names and phone numbers."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and path of a request; a ballot code is as good as a vote, so it stays out."""
        path = re.sub(r"^/p/rating/[^/]+", "/p/rating/-", request.path)
        return f"{request.method} {path}"

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        """Logs the request, unless it is a monitor's: those come every few seconds and hide the rest."""
        if request.path == "/healthz":
            structlog.contextvars.clear_contextvars()
        else:
            super().handle_response(request, response)


@receiver(bind_extra_request_metadata)
def leave_out_the_browser(log_kwargs: dict[str, Any], **kwargs) -> None:
    """A browser's self-description helps to recognise a person and tells nothing about a fault."""
    log_kwargs.pop("user_agent", None)


# What the database quotes of a refused row, of the statement with what was typed in it, and of a value that it misread.
QUOTED = [
    (re.compile(r"DETAIL:.*?(?=\n\n|\Z)", re.DOTALL), "DETAIL: (left out)"),
    (re.compile(r"^LINE \d+:.*$", re.MULTILINE), "LINE: (left out)"),
    (re.compile(r"(invalid input syntax for type [\w ]+: ).*$", re.MULTILINE), r"\1(left out)"),
    (re.compile(r'(\bvalue:? )"[^"\n]*"'), r"\1(left out)"),
]


def without_rows(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Takes out of every part of an event what the database quotes, and what Celery says that a task was given."""
    event.pop("data", None)
    for name, value in event.items():
        text = str(value) if isinstance(value, BaseException) else value
        if isinstance(text, str):
            for pattern, instead in QUOTED:
                text = pattern.sub(instead, text)
            event[name] = text
    return event


SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
]


def configure(*, level: str, as_json: bool) -> dict[str, Any]:
    """Sets structlog up and returns Django's `LOGGING`, so that both write the same lines to stderr."""
    shared = [*SHARED, structlog.processors.TimeStamper(fmt="iso" if as_json else "%H:%M:%S", utc=False)]
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
        )
    )
    last = [structlog.processors.format_exc_info, without_rows, renderer]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # The request log says it all, once.
            "django.server": {"handlers": [], "level": "WARNING", "propagate": False},
            "django.request": {"level": "CRITICAL"},
            # Anybody can send any host name; it is refused, and there is nothing to mend.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            # Four lines for each log-in say nothing that the request's own line does not.
            "axes": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }
