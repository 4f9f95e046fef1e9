"""Uploads at the same moment: the limit holds, the same content makes one row, disk and table agree.

Each fails when ``_locked`` in ``proposals.services.attaching`` takes no lock.
"""

from functools import partial
from pathlib import Path

import pytest
from django.conf import LazySettings

from proposals.models import Attachment
from proposals.services.attaching import FULL, UnableToAttach, attach, detach
from tests.factories import at
from tests.proposals.files import pdf, upload
from tests.proposals.test_proposal_path import draft
from tests.threads import at_once
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at(2026, 3, 5)


@pytest.fixture
def county(transactional_db: None, settings: LazySettings, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    return build_world()


def stored(disk: Path) -> int:
    return sum(path.is_file() for path in disk.rglob("*"))


def add(county: World, proposal_id: int, name: str, data: bytes | None = None) -> int:
    return attach(proposal_id=proposal_id, user=county.deputy, now=NOW, upload=upload(name, data), kind="proposal").pk


def test_the_limit_holds_for_uploads_at_once(county: World, tmp_path: Path) -> None:
    row = draft(county)
    for n in range(8):
        add(county, row.pk, f"{n}.pdf")
    results = at_once(*[partial(add, county, row.pk, f"同时{n}.pdf") for n in range(8)])
    refused = [str(result) for result in results if isinstance(result, UnableToAttach)]
    assert refused == [FULL] * 6, results
    assert (Attachment.objects.count(), stored(tmp_path)) == (10, 10)


def test_a_double_click_makes_one_row(county: World, tmp_path: Path) -> None:
    row = draft(county)
    results = at_once(*[partial(add, county, row.pk, "同一份.pdf", pdf("同一份"))] * 6)
    assert len(set(results)) == 1, results
    assert (Attachment.objects.count(), stored(tmp_path)) == (1, 1)


def test_removing_twice_at_once(county: World, tmp_path: Path) -> None:
    row = draft(county)
    file = add(county, row.pk, "甲.pdf")

    def remove() -> str:
        return detach(attachment_id=file, user=county.deputy, now=NOW).name

    results = at_once(remove, remove)
    assert sorted(type(result).__name__ for result in results) == ["DoesNotExist", "str"], results
    assert (Attachment.objects.count(), stored(tmp_path)) == (0, 0)
