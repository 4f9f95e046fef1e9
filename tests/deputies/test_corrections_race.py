"""Two of the staff decide one request at the same time. Fails when the locks are taken out of ``correcting._lock``."""

import pytest

from deputies import correcting
from deputies.correcting import AlreadyDecided
from deputies.models import Correction, Person
from notices.models import Notice
from tests import factories as make
from tests.factories import at
from tests.threads import at_once
from tests.world import build_world

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at(2026, 3, 2)


def test_one_decides_and_the_other_reads_who_was_first() -> None:
    world = build_world()
    colleague = make.UserFactory(name="王建国", role="staff", role__congress=world.congress)
    row = correcting.ask(user=world.deputy, field="phone", new="13900002222", reason="换号", now=NOW)
    accepted, refused = at_once(
        lambda: correcting.accept(correction_id=row.pk, user=world.staff, now=NOW),
        lambda: correcting.refuse(correction_id=row.pk, user=colleague, answer="号码不是本人的", now=NOW),
    )
    late = [one for one in (accepted, refused) if isinstance(one, AlreadyDecided)]
    assert len(late) == 1
    row = Correction.objects.get()
    done = row.state == "accepted"
    assert str(late[0]) == (
        "这项申请已更正（3月2日 10:00 张志强），没有再作处理。"
        if done
        else "这项申请没有采纳（3月2日 10:00 王建国），没有再作处理。"
    )
    assert Person.objects.get(pk=row.person_id).phone == ("13900002222" if done else "")
    assert Notice.objects.filter(recipient=world.deputy, channel="in_site").count() == 1
