"""``Idempotency-Key``: what is sent twice, one after the other or at once, is done once."""

import datetime as dt
from operator import itemgetter

import pytest
from django.utils import timezone

from accounts.models import ApiRequest
from accounts.tasks import sweep_api_requests
from bodies.models import Unit
from proposals.models import Proposal
from proposals.services import install_procedures
from tests.api.conftest import program
from tests.threads import at_once
from tests.world import World, build_world

TEXT = {"title": "关于校车安全的建议", "body": "校车超载。"}
ANOTHER = {"detail": "这个 Idempotency-Key 已经用于另一个请求，请换一个。"}


@pytest.mark.django_db
def test_the_same_request_again_gets_the_first_answer(acting) -> None:
    deputy = acting("deputy")
    first = deputy.send("proposals/", TEXT, Idempotency_Key="draft-1")
    assert (first.status_code, "Idempotent-Replayed" in first) == (201, False)
    deputy.done(f"proposals/{first.json()['id']}/edit/", {"version": 1, "body": "后来改的。"})
    again = deputy.send("proposals/", TEXT, Idempotency_Key="draft-1")
    assert (again.status_code, again["Idempotent-Replayed"]) == (201, "true")
    assert again.json() == first.json()
    assert Proposal.objects.count() == 1


@pytest.mark.django_db
def test_the_same_key_for_something_else_is_refused(acting) -> None:
    deputy = acting("deputy")
    deputy.done("proposals/", TEXT, Idempotency_Key="draft-1")
    for data in ({**TEXT, "title": "另一件"}, {}):
        answer = deputy.send("proposals/", data, Idempotency_Key="draft-1")
        assert (answer.status_code, answer.json()) == (422, ANOTHER)
    assert Proposal.objects.count() == 1


@pytest.mark.django_db
def test_the_key_of_one_user_is_nothing_to_another(acting) -> None:
    acting("deputy").done("proposals/", TEXT, Idempotency_Key="draft-1")
    acting("other_deputy").done("proposals/", TEXT, Idempotency_Key="draft-1")
    assert Proposal.objects.count() == 2


@pytest.mark.django_db
def test_what_was_refused_may_be_tried_again(acting) -> None:
    deputy = acting("deputy")
    assert deputy.send("proposals/", {"title": " "}, Idempotency_Key="draft-1").status_code == 422
    assert ApiRequest.objects.count() == 0
    assert deputy.send("proposals/", TEXT, Idempotency_Key="draft-1").status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["a b", "长", "x" * 101, "\x80"])
def test_what_can_be_no_key_is_refused(acting, key: str) -> None:
    answer = acting("deputy").send("proposals/", TEXT, Idempotency_Key=key)
    assert (answer.status_code, answer.json()) == (
        400, {"detail": "Idempotency-Key 应为 1 至 100 个英文字母、数字或符号，不含空格。"},
    )  # fmt: skip
    assert Proposal.objects.count() == 0


@pytest.mark.django_db
def test_acts_and_registers_honour_it_too(acting, world: World) -> None:
    staff = acting("staff")
    first = staff.send("units/", {"name": "县水利局", "sort": 5}, Idempotency_Key="unit")
    again = staff.send("units/", {"name": "县水利局", "sort": 5}, Idempotency_Key="unit")
    # Without the key the second one would have found nothing to add.
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    deputy = acting("deputy")
    pk = deputy.done("proposals/", TEXT)["id"]
    sent = {"version": 1, "self_checked": True}
    first = deputy.send(f"proposals/{pk}/submit/", sent, Idempotency_Key="submit")
    again = deputy.send(f"proposals/{pk}/submit/", sent, Idempotency_Key="submit")
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert deputy.send(f"proposals/{pk}/submit/", sent).status_code == 409
    assert Proposal.objects.get().receipt_no == 1


@pytest.mark.django_db
def test_a_request_key_in_the_draft_itself_does_the_same(acting) -> None:
    deputy = acting("deputy")
    sent = {**TEXT, "request_key": "6f0e7b0e-6b8e-4b0e-9a6d-2f1f5a3c9d12"}
    first, again = deputy.send("proposals/", sent), deputy.send("proposals/", sent)
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 200, first.json()["id"])
    assert Proposal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_done_once() -> None:
    install_procedures()
    world = build_world()
    staff = program(world.staff)

    def send() -> tuple[int, dict, bool]:
        answer = staff.send("units/", {"name": "县水利局"}, Idempotency_Key="unit")
        return answer.status_code, answer.json(), "Idempotent-Replayed" in answer

    answers = at_once(send, send, send)
    added = {"added": 1, "updated": 0, "unchanged": 0, "hints": []}
    assert sorted(answers, key=itemgetter(2)) == [(201, added, False), (201, added, True), (201, added, True)]
    assert Unit.objects.filter(name="县水利局").count() == 1
    assert ApiRequest.objects.count() == 1


@pytest.mark.django_db
def test_old_answers_are_forgotten(world: World) -> None:
    now = timezone.now()
    for key, age in (("old", dt.timedelta(days=3, seconds=5)), ("young", dt.timedelta(days=2))):
        ApiRequest.objects.create(user=world.staff, key=key, digest="", at=now - age)
    sweep_api_requests()
    assert [row.key for row in ApiRequest.objects.all()] == ["young"]
