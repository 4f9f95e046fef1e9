"""Procedures as data: what makes one sound, and the one door for changing them."""

from casework.procedures.changing import (
    Placed,
    UnableToChangeProcedure,
    activate,
    copy_procedure,
    delete_draft,
    faults_of,
    may_copy,
    may_own,
    put_steps,
    why_fixed,
)
from casework.procedures.faults import ACTORS, faults

__all__ = [
    "ACTORS",
    "Placed",
    "UnableToChangeProcedure",
    "activate",
    "copy_procedure",
    "delete_draft",
    "faults",
    "faults_of",
    "may_copy",
    "may_own",
    "put_steps",
    "why_fixed",
]
