"""Reads of proposals: the list and the case page, each with a fixed number of queries."""

from proposals.queries.case import CasePage, case_page, show_as_handed_in, visible_proposal
from proposals.queries.list import (
    COUNTED,
    COUNTED_ON_TABS,
    LIGHTS,
    SORTS,
    VIEWS,
    choices,
    full_rows,
    list_rows,
    narrowed,
    numbers,
    view_filter,
    views_for,
)
from proposals.queries.search import search

__all__ = [
    "COUNTED",
    "COUNTED_ON_TABS",
    "LIGHTS",
    "SORTS",
    "VIEWS",
    "CasePage",
    "case_page",
    "choices",
    "full_rows",
    "list_rows",
    "narrowed",
    "numbers",
    "search",
    "show_as_handed_in",
    "view_filter",
    "views_for",
    "visible_proposal",
]
