"""The one door for writes to proposals."""

from proposals.services.handling import acknowledge, assign, record_contact, reply
from proposals.services.judging import rate
from proposals.services.reviewing import review
from proposals.services.setup import install_procedures, prepare_term
from proposals.services.submitting import create_draft, submit, update_draft

__all__ = [
    "acknowledge",
    "assign",
    "create_draft",
    "install_procedures",
    "prepare_term",
    "rate",
    "record_contact",
    "reply",
    "review",
    "submit",
    "update_draft",
]
