"""Whatever is taken away is an entry: what, and how many rows."""

import pytest
from django.urls import reverse

from audit.models import Entry
from tests.admin.conftest import REGISTERS, registers, url  # noqa: F401 - a fixture
from tests.admin.test_admin_rights import NONE, RIGHTS
from tests.attacks.conftest import Realm, realm  # noqa: F401 - a fixture
from tests.attacks.test_url_matrix import FORMS, WORKBENCH, arguments
from tests.audit.trail import new_entries

# What staff can take away from the county of the matrix.
TAKEN = {
    "proposals:export": ("建议议案目录", 5),
    "proposals:print": ("建议议案目录（打印）", 5),
    "proposals:commitments-file": ("承诺解决台账", 0),
    "proposals:coverage-file": ("2026年督办检查覆盖情况", 1),
    "ratings:codes-print": ("测评码（打印） 机密评议", 0),
    "ratings:results-file": ("测评结果 机密评议", 1),
    "reports:download": ("云溪县2026年度报表", 1),
}


def exports(entries: list[Entry]) -> list[tuple[str, int]]:
    return [(entry.object_label, entry.details["rows"]) for entry in entries if entry.kind == "export"]


def test_every_download_of_the_workbench(realm: Realm) -> None:  # noqa: F811
    client, found, unmarked = realm.client("staff"), {}, []
    for name, rows, status, *_ in WORKBENCH:
        if status != 200:
            continue
        with new_entries() as entries:
            response = client.get(reverse(name, args=arguments(realm, rows)))
        taken = exports(entries)
        assert len(taken) <= 1
        if response.headers.get("Content-Disposition", "").startswith("attachment") and not taken:
            unmarked.append(name)
        if taken:
            assert (entries[-1].actor_id, entries[-1].success) == (realm.world.staff.pk, True)
            found[name] = taken[0]
    assert unmarked == []
    assert found == TAKEN


def test_every_form_and_every_page_for_paper_of_the_admin(realm: Realm) -> None:  # noqa: F811
    client = realm.client("staff")
    addresses = [reverse(f"admin:{name}") for name in FORMS if not name.endswith("_import")]
    addresses += [url(model, "print") for model in REGISTERS if RIGHTS[model][0] != NONE]
    wrong = []
    for address in addresses:
        with new_entries() as entries:
            response = client.get(address)
        taken = exports(entries)
        rows = response.context["lines"] if address.endswith("/print/") else None
        if len(taken) != 1 or taken[0][1] is None or (rows is not None and taken[0][1] != len(rows)):
            wrong.append((address, response.status_code, taken))
    assert wrong == []


def test_exports_count_their_rows(realm: Realm) -> None:  # noqa: F811
    client = realm.client("staff")
    with new_entries() as entries:
        client.get(reverse("admin:deputies_seat_export"))
        client.get(reverse("admin:deputies_seat_template"))
        client.get(reverse("admin:bodies_unit_export") + "?q=教育")
    labels = [label for label, _ in exports(entries)]
    assert [rows for _, rows in exports(entries)] == [realm.world.term.seats.count(), 0, 1]
    assert len(set(labels)) == 3


@pytest.mark.parametrize("name", ["proposals:export", "proposals:catalogue"])
def test_who_only_looks_takes_nothing(realm: Realm, name: str) -> None:  # noqa: F811
    client = realm.client("staff")
    with new_entries() as entries:
        assert client.head(reverse(name)).status_code == 200
    assert exports(entries) == []
