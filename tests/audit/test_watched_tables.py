"""Every table of the portal is watched, or stands here with the reason why not."""

import pytest
from django.apps import apps
from django.db import connection, models

from bodies.fields import EncryptedTextField

NOT_WATCHED = {
    "audit_entry": "the trail itself",
    "audit_seal": "the trail itself",
    "notices_notice": "what is to be delivered and how often it was tried; follows from rows that are watched",
    "notices_digest": "as notices",
    "notices_message": "as notices; whether somebody has read it is his own matter",
    "proposals_searchtext": "computed from proposals by their own triggers",
    "reports_reportfile": "the bytes of a workbook made from other rows; who takes it away is an entry",
    "ratings_voter": "an entry would say when somebody voted, which a secret round must not know; who gave and took "
    "rights stands in ratings_rightschange",
    "ratings_ballot": "votes stand by a trigger of their own; an entry would tie a vote to an address",
    "ratings_mark": "as ballots",
    "ratings_box": "its versions one after the other would say who voted what in a secret round",
    "ratings_rightschange": "append-only, names who and when",
    "ratings_paperentry": "append-only, names who and when",
    "ratings_papercount": "part of a paper entry",
    "auth_permission": "written by migrations alone; nothing in the portal asks for it",
    "django_content_type": "written by migrations alone",
    "django_session": "written by every log-in and log-out, which are entries; its key is as good as a password",
    "django_admin_log": "a log of the admin's own",
    "account_emailaddress": "of the log-in library, whose pages about e-mail are closed",
    "account_emailconfirmation": "as e-mail addresses",
    "accounts_pastpassword": "hashes of passwords, written with the account's own, which is watched",
    "accounts_apirequest": "an answer kept for whoever asks again; what was done is watched",
    "axes_accessattempt": "failed log-ins are entries, names that are nobody's must not be",
    "axes_accessattemptexpiration": "as attempts",
    "axes_accessfailurelog": "as attempts; not written",
    "axes_accesslog": "as attempts; not written",
    "socialaccount_socialaccount": "of the log-in library; not written, the claim decides each time",
    "socialaccount_socialapp": "of the log-in library; the identity provider stands in the environment",
    "socialaccount_socialtoken": "of the log-in library; not written",
    "usersessions_usersession": "as django_session",
}
TRIGGERS = """
SELECT c.relname, t.tgname, encode(t.tgargs, 'hex') FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgname IN ('audit_added', 'audit_changed', 'audit_removed') AND t.tgenabled = 'O'
"""


@pytest.fixture
def watched(db: None) -> dict[str, dict[str, list[str]]]:
    """The arguments of the triggers by table and trigger."""
    found: dict[str, dict[str, list[str]]] = {}
    with connection.cursor() as cursor:
        # A C string ends each argument.
        cursor.execute(TRIGGERS)
        for table, trigger, arguments in cursor.fetchall():
            found.setdefault(table, {})[trigger] = bytes.fromhex(arguments).decode().split("\0")[:-1]
    return found


def test_every_table_is_watched_or_named_with_a_reason(watched: dict[str, dict[str, list[str]]]) -> None:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert watched.keys() | NOT_WATCHED.keys() == tables
    assert watched.keys() & NOT_WATCHED.keys() == set()
    assert {table: len(triggers) for table, triggers in watched.items() if len(triggers) != 3} == {}


def test_what_must_not_be_told_is_hidden(watched: dict[str, dict[str, list[str]]]) -> None:
    """Encrypted columns, passwords, keys, digests, bytes."""
    shown = []
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        for field in model._meta.local_concrete_fields if table in watched else []:
            secret = isinstance(field, EncryptedTextField | models.BinaryField) or any(
                word in field.column for word in ("password", "secret", "digest", "phone", "email")
            )
            secret = secret and not isinstance(field, models.BooleanField)
            for arguments in watched[table].values():
                kept_back = (arguments[3] + arguments[4]).replace("{", ",").replace("}", ",")
                if secret and f",{field.column}," not in kept_back:
                    shown.append((table, field.column))
    assert shown == []
