"""Writing down what people are to be told, and delivering it.

The table is the truth and the broker only a bell: a notice is written in the transaction of what it tells of, and
whoever delivers takes pending rows from the table. A bell that nobody hears delays a notice until the next sweep.
"""

from notices.services.addresses import UnableToSaveAddresses, Wish, forget_addresses, save_addresses
from notices.services.bell import ring, ring_after_commit
from notices.services.delivering import ATTEMPTS, Delivery, deliver_pending, mark_all_read, mark_read
from notices.services.digests import digests_due, make_digests
from notices.services.sending import channels_with_work, send_again, send_outside
from notices.services.telling import (
    Statement,
    remind_each,
    statement_of,
    tell,
    tell_each,
    void_unreachable,
    void_waiting,
    withdraw,
)

__all__ = [
    "ATTEMPTS",
    "Delivery",
    "Statement",
    "UnableToSaveAddresses",
    "Wish",
    "channels_with_work",
    "deliver_pending",
    "digests_due",
    "forget_addresses",
    "make_digests",
    "mark_all_read",
    "mark_read",
    "remind_each",
    "ring",
    "ring_after_commit",
    "save_addresses",
    "send_again",
    "send_outside",
    "statement_of",
    "tell",
    "tell_each",
    "void_unreachable",
    "void_waiting",
    "withdraw",
]
