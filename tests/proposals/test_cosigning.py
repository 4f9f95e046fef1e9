"""Signing together: who can be asked, who sees what, what counts, what lapses."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bodies.models import Level
from casework.models import Event, Obligation
from casework.services import CaseWasChanged, UnableToAct
from deputies.models import Seat
from duties.models import DutyRecord
from notices.models import Notice
from proposals import services
from proposals.models import Cosignature, Proposal
from proposals.rules import text_digest
from proposals.services import signing
from tests import factories as make
from tests.factories import at
from tests.proposals.cosigners import BILL, NOW, answer, ask, colleagues, invited, signed_by, states
from tests.proposals.test_proposal_pages import as_user, case_url, page
from tests.proposals.test_proposal_path import draft
from tests.world import World

OTHER = "阿卜杜拉·买买提"


def submit(world: World, row: Proposal) -> Proposal:
    return services.submit(proposal_id=row.pk, seen_version=None, user=world.deputy, now=NOW)


def change(world: World, row: Proposal, **fields: object) -> Proposal:
    return services.update_draft(proposal_id=row.pk, seen_version=None, user=world.deputy, now=NOW, **fields)


def test_an_invited_deputy_owes_an_answer_sees_the_draft_and_signs_it(world: World) -> None:
    other, third = world.other_deputy, colleagues(world, 1)[0].person.user
    row = draft(world)
    assert as_user(other).get(case_url(row)).status_code == 404
    row = ask(world, row, world.other_seat)
    owed = row.obligations.open().get()
    assert (owed.act, owed.verb, owed.owner_user, owed.from_label) == ("cosign", "联名", other, "李春梅代表")
    assert Notice.objects.get(recipient=other).title == f"请联名：{row.title}"
    text = page(as_user(other), case_url(row, "cosign"))
    assert row.body in text
    for url in (case_url(row), case_url(row, "cosign")):
        assert as_user(third).get(url).status_code == 404
        assert as_user(world.staff).get(url).status_code == 404
    digest = text_digest(row)
    assert f'value="{digest}"' in text
    reply = as_user(other).post(case_url(row, "cosign"), {"answer": "yes", "digest": digest})
    assert (reply.status_code, reply.url) == (302, case_url(row))
    signature = Cosignature.objects.get()
    assert (signature.state, signature.text_digest) == ("accepted", digest)
    assert not Obligation.objects.open().filter(act="cosign").exists()
    assert Notice.objects.get(recipient=world.deputy).title == f"{OTHER}代表同意联名：{row.title}"
    assert Proposal.objects.get().version == row.version


def test_who_signed_at_the_time_of_handing_in_is_in_the_ledger(world: World) -> None:
    yes, no, silent = colleagues(world, 3)
    row = invited(world, yes, no, silent)
    answer(row, yes.person.user)
    answer(row, no.person.user, agrees=False)
    submit(world, row)
    assert states(row) == {"联名0": "accepted", "联名1": "declined", "联名2": "lapsed"}
    assert row.obligations.get(owner_user=silent.person.user).state == "cancelled"
    assert {record.seat_id for record in DutyRecord.objects.all()} == {world.seat.pk, yes.pk}
    assert as_user(yes.person.user).get(case_url(row)).status_code == 200
    assert as_user(silent.person.user).get(case_url(row)).status_code == 404


def test_an_answer_may_change_until_it_is_handed_in(world: World) -> None:
    row = signed_by(world, world.other_seat)
    answer(row, world.other_deputy, agrees=False)
    assert states(row) == {OTHER: "declined"}
    answer(row, world.other_deputy)
    submit(world, row)
    assert states(row) == {OTHER: "accepted"}
    with pytest.raises(CaseWasChanged, match="李春梅（代表）提交本件"):
        answer(row, world.other_deputy, agrees=False)


def test_a_changed_text_needs_the_signatures_anew(world: World) -> None:
    row = signed_by(world, world.other_seat)
    told = Notice.objects.count()
    row = change(world, row, body="改过的正文。")
    assert Notice.objects.count() == told
    client = as_user(world.deputy)
    assert "正文在联名后有改动，需要重新确认" in page(client, case_url(row, "invite"))
    reply = client.post(case_url(row, "invite"), {"again": "1", "version": row.version})
    assert reply.status_code == 302
    assert states(row) == {OTHER: "invited"}
    answer(row, world.other_deputy)
    submit(world, row)
    assert states(row) == {OTHER: "accepted"}


def test_a_text_changed_back_is_the_text_that_was_signed(world: World) -> None:
    row = signed_by(world, world.other_seat)
    body = row.body
    change(world, row, body="别的。")
    change(world, row, body=body)
    submit(world, row)
    assert states(row) == {OTHER: "accepted"}


def test_signatures_of_an_earlier_text_lapse_on_handing_in(world: World) -> None:
    row = signed_by(world, world.other_seat)
    row = change(world, row, plan="新的方案。")
    text = as_user(world.deputy).get(case_url(row, "edit")).content.decode()
    assert "已有 1 名代表联名。改动标题或者正文以后，请先邀请他们重新确认" in text
    submit(world, row)
    assert states(row) == {OTHER: "lapsed"}
    assert Event.objects.get(verb="lapse").sentence == f"正文在联名后有改动，{OTHER}没有重新确认，联名不再有效"
    assert Notice.objects.get(title=f"联名不再有效：{row.title}").recipient == world.other_deputy
    assert not DutyRecord.objects.filter(seat=world.other_seat).exists()


def test_who_answers_a_text_that_was_changed_meanwhile_reads_it_first(world: World) -> None:
    row = invited(world, world.other_seat)
    seen = text_digest(row)
    change(world, row, body="改过的正文。")
    reply = as_user(world.other_deputy).post(case_url(row, "cosign"), {"answer": "yes", "digest": seen})
    text = reply.content.decode()
    assert reply.status_code == 409
    assert "正文在您打开本页之后有改动" in text
    assert "改过的正文。" in text
    assert text_digest(Proposal.objects.get()) in text
    assert states(row) == {OTHER: "invited"}


def test_a_returned_item_keeps_the_signatures_of_an_unchanged_text(world: World) -> None:
    row = submit(world, signed_by(world, world.other_seat))
    row = services.review(
        proposal_id=row.pk,
        seen_version=None,
        user=world.staff,
        now=at(2026, 3, 3),
        outcome_code="return",
        reason="改。",
    )
    assert services.submit(proposal_id=row.pk, seen_version=None, user=world.deputy, now=NOW).step.code == "review"
    assert states(row) == {OTHER: "accepted"}


@pytest.mark.parametrize(("level", "needed"), [(Level.COUNTY, 10), (Level.TOWNSHIP, 5)])
def test_a_bill_needs_its_signers_the_lead_among_them(world: World, level: Level, needed: int) -> None:
    world.congress.level = level
    world.congress.save()
    *most, last = colleagues(world, needed - 1)
    row = signed_by(world, *most, **BILL)
    ask(world, row, last)
    with pytest.raises(UnableToAct, match=f"有{needed}名以上代表联名（含领衔代表），现有{needed - 1}名，还差1名"):
        submit(world, row)
    assert states(row)[last.person.name] == "invited"
    answer(row, last.person.user)
    assert submit(world, row).receipt_no == 1


def test_signatures_on_paper_count_for_a_bill(world: World) -> None:
    *most, left, paper = colleagues(world, 9)
    row = signed_by(world, *most, left, **BILL)
    Cosignature.objects.create(proposal=row, seat=paper)
    Seat.objects.filter(pk=left.pk).update(status="ended", ended_on=dt.date(2026, 2, 1))
    with pytest.raises(UnableToAct, match="还差1名"):
        submit(world, row)
    Proposal.objects.filter(pk=row.pk).update(paper_cosigners=1)
    assert submit(world, row).receipt_no == 1
    assert (states(row)[left.person.name], states(row)[paper.person.name]) == ("lapsed", "accepted")


def test_who_cannot_be_asked_is_named_and_then_nobody_is(world: World) -> None:
    row = invited(world, world.other_seat)
    good, ended, suspended = colleagues(world, 3)
    Seat.objects.filter(pk=ended.pk).update(status="ended", ended_on=dt.date(2026, 2, 1))
    Seat.objects.filter(pk=suspended.pk).update(status="suspended")
    unknown = make.SeatFactory(term=world.term, delegation=world.seat.delegation, person__name="没账号")
    elsewhere = make.SeatFactory(person__name="外县代表")
    cases = [
        (world.seat.pk, "您是领衔代表，不用邀请自己。"),
        (world.other_seat.pk, f"已经邀请过{OTHER}代表，正在等待答复。"),
        (ended.pk, "联名1代表现在不在任"),
        (suspended.pk, "联名2代表现在不在任"),
        (unknown.pk, "没账号代表没有可用的登录账号"),
        (elsewhere.pk, "外县代表不是本级本届代表"),
        (0, "名册里没有"),
    ]
    for key, words in cases:
        with pytest.raises(UnableToAct, match=words):
            signing.invite(proposal_id=row.pk, seen_version=None, user=world.deputy, now=NOW, seats=[good.pk, key])
    answer(row, world.other_deputy)
    with pytest.raises(UnableToAct, match=f"{OTHER}代表已经联名"):
        ask(world, row, world.other_seat)
    assert states(row) == {OTHER: "accepted"}


def test_a_deputy_who_left_office_cannot_sign(world: World) -> None:
    row = invited(world, world.other_seat)
    Seat.objects.filter(pk=world.other_seat.pk).update(status="suspended")
    with pytest.raises(UnableToAct, match="只有在任代表可以联名"):
        answer(row, world.other_deputy)


def test_an_invitation_taken_back_is_closed_in_words(world: World) -> None:
    row = invited(world, world.other_seat)
    signature = Cosignature.objects.get()
    client, other = as_user(world.deputy), as_user(world.other_deputy)
    reply = client.post(case_url(row, "invite"), {"take_back": signature.pk, "version": row.version})
    assert (reply.status_code, states(row)) == (302, {OTHER: "lapsed"})
    assert row.obligations.get(act="cosign").state == "cancelled"
    assert other.get(case_url(row)).status_code == 404
    reply = other.post(case_url(row, "cosign"), {"answer": "yes", "digest": text_digest(row)}, follow=True)
    assert "这份联名邀请已经失效：李春梅代表已经撤回邀请。" in reply.content.decode()
    assert states(row) == {OTHER: "lapsed"}
    ask(world, row, world.other_seat)
    assert states(row) == {OTHER: "invited"}


def test_an_answer_after_handing_in_reads_who_was_first(world: World) -> None:
    row = invited(world, world.other_seat, disclosure="none")
    submit(world, row)
    reply = as_user(world.other_deputy).post(
        case_url(row, "cosign"), {"answer": "yes", "digest": text_digest(row)}, follow=True
    )
    assert "这份联名邀请已经失效：李春梅代表已经提交本件。" in reply.content.decode()


def test_only_the_lead_deputy_invites(world: World) -> None:
    row = invited(world, world.other_seat)
    for user, status in [(world.other_deputy, 409), (world.staff, 404), (world.unit_user, 404), (world.stranger, 404)]:
        data = {"seats": [world.other_seat.pk], "version": row.version}
        assert as_user(user).post(case_url(row, "invite"), data).status_code == status
    assert Client().get(case_url(row, "invite")).status_code == 302
    ask_as = {"proposal_id": row.pk, "seen_version": None, "user": world.other_deputy, "now": NOW}
    with pytest.raises(UnableToAct):
        signing.invite(**ask_as, seats=[world.seat.pk])


def test_bad_input_on_invitations_and_answers_is_answered_in_words(world: World) -> None:
    row = invited(world, world.other_seat)
    lead, other = as_user(world.deputy), as_user(world.other_deputy)
    [colleague] = colleagues(world, 1)
    for data in [
        {}, {"seats": ""}, {"seats": "x"}, {"seats": "-1"}, {"seats": "9" * 30}, {"seats": [world.seat.pk] * 3},
        {"seats": "\x00"}, {"take_back": "x"}, {"take_back": "9" * 30}, {"take_back": ""}, {"again": "1"},
    ]:  # fmt: skip
        assert lead.post(case_url(row, "invite"), data | {"version": row.version}).status_code in (409, 422), data
    for version in ("", "x", -1, 10**30, row.version - 1):
        data = {"seats": [colleague.pk], "version": version}
        assert lead.post(case_url(row, "invite"), data).status_code in (409, 422), version
    for data in [
        {}, {"answer": ""}, {"answer": "maybe"}, {"answer": "yes"}, {"answer": "yes", "digest": "x" * 65},
        {"answer": "yes", "digest": "\x00"}, {"answer": ["no", "yes"], "digest": "0"},
    ]:  # fmt: skip
        assert other.post(case_url(row, "cosign"), data).status_code in (409, 422), data
    assert states(row) == {OTHER: "invited"}


def test_inviting_costs_the_same_reads_for_3_and_for_300_deputies(world: World) -> None:
    row = draft(world)
    client = as_user(world.deputy)
    counts = []
    for more in (2, 297):
        for seat in colleagues(world, more):
            Cosignature.objects.create(proposal=row, seat=seat)
        with CaptureQueriesContext(connection) as found:
            text = page(client, case_url(row, "invite"))
        counts.append(len(found))
    assert text.count('name="seats"') == 300
    assert counts[0] == counts[1] <= 16, counts


def test_a_second_click_is_one_and_a_second_wish_from_an_old_page_is_told(world: World) -> None:
    row = draft(world)
    [third] = colleagues(world, 1)
    client = as_user(world.deputy)
    wish = {"seats": [world.other_seat.pk], "version": row.version}
    assert [client.post(case_url(row, "invite"), wish).status_code for _ in range(2)] == [302, 302]
    reply = client.post(case_url(row, "invite"), {"seats": [third.pk], "version": row.version})
    assert (reply.status_code, states(row)) == (409, {OTHER: "invited"})
    assert "本件已有新的办理情况" in reply.content.decode()
    assert row.events.filter(verb="invite").count() == 1


def test_home_leads_to_the_invitation(world: World) -> None:
    row = invited(world, world.other_seat)
    assert row.title in page(as_user(world.other_deputy), "/")
    assert reverse("proposals:cosign", args=[row.pk]) in page(as_user(world.other_deputy), case_url(row))
