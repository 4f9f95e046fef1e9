"""Every write to the audit trail that the database's triggers do not make themselves."""

from audit.services.recording import Taken, record, record_failed_log_in, taken, taken_by
from audit.services.sealing import seal_entries
from audit.services.trimming import UnableToTrim, trim
from audit.services.verifying import Fault, Verdict, verify

__all__ = [
    "Fault",
    "Taken",
    "UnableToTrim",
    "Verdict",
    "record",
    "record_failed_log_in",
    "seal_entries",
    "taken",
    "taken_by",
    "trim",
    "verify",
]
