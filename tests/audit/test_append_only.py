"""Entries and seals can be neither changed nor taken away, whoever asks the database."""

import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import Entry, Kind, Seal
from audit.services import record, seal_entries
from tests.audit.trail import sql

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'nobody'",
        "UPDATE audit_entry SET after = NULL",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE audit_seal SET digest = repeat('0', 64)",
        "DELETE FROM audit_seal",
        "TRUNCATE audit_seal",
        # Not even in the name of trim_audit, as long as they are young.
        "SET LOCAL portal.audit_trim = 'on'; DELETE FROM audit_entry",
        "SET LOCAL portal.audit_trim = 'on'; UPDATE audit_entry SET at = now() - interval '1 year'",
        "SET LOCAL portal.audit_trim = 'on'; DELETE FROM audit_seal",
    ],
)
def test_the_database_refuses(statement: str) -> None:
    record(kind=Kind.EXPORT, label="一份表")
    seal_entries()
    before = list(Entry.objects.values()), list(Seal.objects.values())
    with pytest.raises(DatabaseError, match="the audit trail is append-only"), transaction.atomic():
        sql(statement)
    assert (list(Entry.objects.values()), list(Seal.objects.values())) == before
    assert len(before[1]) == len(before[0]) > 0


def test_triggers_stand_where_nobody_runs_tests() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid IN ('audit_entry'::regclass, 'audit_seal'::regclass)"
        )
        assert {name for (name,) in cursor.fetchall()} == {
            "audit_entry_append_only", "audit_entry_not_emptied", "audit_seal_append_only", "audit_seal_not_emptied",
        }  # fmt: skip
