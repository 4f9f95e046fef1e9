"""What a log line must not repeat."""

from portal.logs import without_rows


def test_traceback_does_not_quote_the_refused_row() -> None:
    text = (
        "psycopg.errors.UniqueViolation: duplicate key\nDETAIL:  Key (phone)=(13800001111)\nalready exists.\n\n"
        "The above exception was the direct cause"
    )
    event = without_rows(None, "error", {"event": "request_failed", "exception": text})
    assert event["exception"] == (
        "psycopg.errors.UniqueViolation: duplicate key\nDETAIL: (left out)\n\nThe above exception was the direct cause"
    )
    assert without_rows(None, "info", {"event": "fine"}) == {"event": "fine"}


def test_nor_does_any_other_part_of_a_line() -> None:
    error = ValueError("invalid input syntax for type bigint: \"13800001111x\"\nLINE 1: SELECT '13800001111x'\n  ^")
    event = {"event": f"failed: {error}", "error": error, "data": {"args": "('13800001111',)"}, "code": 500}
    cleaned = "invalid input syntax for type bigint: (left out)\nLINE: (left out)\n  ^"
    assert without_rows(None, "error", event) == {"event": f"failed: {cleaned}", "error": cleaned, "code": 500}
