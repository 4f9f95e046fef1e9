"""The one door for writes to proposals."""

from proposals.services.assigning import assign
from proposals.services.assisting import give_opinion, send_back_opinion
from proposals.services.committing import (
    change_commitment,
    commit,
    look_back,
    rate_commitment,
    report_commitment,
    verify_commitment,
)
from proposals.services.distributing import distribute
from proposals.services.evaluating import conclude_evaluation, open_evaluation
from proposals.services.handling import acknowledge, record_contact, reply
from proposals.services.in_person import record_in_person
from proposals.services.inspecting import demand_rectification, record_inspection, rectify
from proposals.services.judging import rate
from proposals.services.marking import add_milestone, convert, mark_key, pass_gates, unmark_key
from proposals.services.overseeing import lift_oversight, set_oversight
from proposals.services.replacing import pass_over_silence, reassign
from proposals.services.requesting import ask_extension, ask_return, decide_extension, decide_return
from proposals.services.reviewing import review
from proposals.services.setup import install_procedures, prepare_term
from proposals.services.submitting import create_draft, submit, update_draft
from proposals.services.unrated import close_unrated, close_unrated_by_rule, excuse_who_left
from proposals.services.voting import begin_rating

__all__ = [
    "acknowledge",
    "add_milestone",
    "ask_extension",
    "ask_return",
    "assign",
    "begin_rating",
    "change_commitment",
    "close_unrated",
    "close_unrated_by_rule",
    "commit",
    "conclude_evaluation",
    "convert",
    "create_draft",
    "decide_extension",
    "decide_return",
    "demand_rectification",
    "distribute",
    "excuse_who_left",
    "give_opinion",
    "install_procedures",
    "lift_oversight",
    "look_back",
    "mark_key",
    "open_evaluation",
    "pass_gates",
    "pass_over_silence",
    "prepare_term",
    "rate",
    "rate_commitment",
    "reassign",
    "record_contact",
    "record_in_person",
    "record_inspection",
    "rectify",
    "reply",
    "report_commitment",
    "review",
    "send_back_opinion",
    "set_oversight",
    "submit",
    "unmark_key",
    "update_draft",
    "verify_commitment",
]
