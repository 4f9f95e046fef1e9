"""What units promise: registered with the reply or after it, reported, verified, looked back at, across years."""

import datetime as dt
import io
from pathlib import Path

import openpyxl
import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from casework.models import CaseStatus, Obligation
from casework.services import UnableToAct
from notices.models import Notice
from proposals import services
from proposals.abilities import abilities
from proposals.models import Attachment, Commitment, CommitmentStep, HandlingRules, Proposal
from tests.factories import at
from tests.proposals.files import png
from tests.proposals.replying import page, ready, reply_as, send, typed
from tests.world import World

MATTER = "2026年底前新增两条校车线路"
REPORTED, VERIFIED = at(2027, 2, 1), at(2027, 2, 3)


def promised(world: World, **how: object) -> Proposal:
    """An item whose reply promises something."""
    row = ready(world, **({"rules": "national_2025"} | how))
    fields = {"matter": MATTER, "responsible": "王局长", "promised_for": dt.date(2026, 12, 31)}
    reply_as(world.unit_user, row, world, outcome=world.outcomes["B"], **fields)
    return Proposal.objects.get(pk=row.pk)


def rated(world: World, row: Proposal) -> Proposal:
    services.rate(
        proposal_id=row.pk, seen_version=None, user=world.deputy, now=at(2026, 3, 25), attitude="satisfied",
        result="satisfied",
    )  # fmt: skip
    return Proposal.objects.get(pk=row.pk)


def report(world: World, row: Proposal, kind: str = "claim", now: dt.datetime = REPORTED, **how: object) -> object:
    fields = {"commitment_id": Commitment.objects.get().pk, "happened_on": now.date(), "text": "两条线路已开通。"}
    return services.report_commitment(
        proposal_id=row.pk, seen_version=None, user=world.unit_user, now=now, kind=kind, **(fields | how)
    )


def verify(world: World, row: Proposal, *, agreed: bool, text: str = "", now: dt.datetime = VERIFIED) -> Commitment:
    return services.verify_commitment(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=now, agreed=agreed, text=text,
        commitment_id=Commitment.objects.get().pk,
    )  # fmt: skip


def owed(row: Proposal) -> list[tuple]:
    rows = Obligation.objects.open().filter(case=row).order_by("pk")
    return [(o.act, o.owner_label, str(o.due_on)) for o in rows]


def test_what_is_promised_outlives_the_proposal_and_the_term(world: World) -> None:
    row = rated(world, promised(world))
    assert (row.status, row.closed_as) == (CaseStatus.CLOSED, "rated")
    assert owed(row) == [("commitment", "县教育局", "2026-12-31")]
    made = Commitment.objects.get()
    assert (made.state, made.unit, made.matter, str(made.made_on)) == ("open", world.education, MATTER, "2026-03-20")
    world.term.ends_on = dt.date(2026, 12, 30)
    world.term.save()
    assert "commitment-report" in abilities(world.unit_user, Proposal.objects.get(pk=row.pk), dt.date(2027, 2, 1))
    report(world, row, "progress", text="正在招标。")
    assert owed(row) == [("commitment", "县教育局", "2026-12-31")]
    report(world, row, "claim", document_no="云教（2027）3号")
    assert owed(row) == [("commitment-verify", "代表工委", "2027-02-15")]
    verify(world, row, agreed=False, text="还差一条线路。")
    assert owed(row) == [("commitment", "县教育局", "2026-12-31")]
    report(world, row, "claim", now=at(2027, 3, 1))
    verify(world, row, agreed=True, now=at(2027, 3, 2))
    made.refresh_from_db()
    assert (made.state, str(made.settled_on), owed(row)) == ("kept", "2027-03-01", [])
    steps = [(s.kind, s.document_no) for s in made.steps.all()]
    assert steps == [
        ("progress", ""), ("claim", "云教〔2027〕3号"), ("send_back", ""), ("claim", ""), ("confirm", ""),
    ]  # fmt: skip
    assert row.events.first().sentence == f"张志强（代表工委）核实「{MATTER}」已经落实"


def test_a_reply_that_leaves_something_to_do_without_a_promise_owes_it(world: World) -> None:
    row = ready(world)
    reply_as(world.unit_user, row, world, outcome=world.outcomes["B"])
    assert ("commit", "县教育局", "2026-04-03") in owed(row)
    row = rated(world, row)
    assert owed(row) == [("commit", "县教育局", "2026-04-03")]
    services.commit(
        proposal_id=row.pk, seen_version=None, user=world.unit_user, now=at(2026, 4, 1), matter=MATTER,
        due_on=dt.date(2026, 9, 1),
    )  # fmt: skip
    assert owed(row) == [("commitment", "县教育局", "2026-09-01")]
    with pytest.raises(UnableToAct, match="已经登记过"):
        services.commit(
            proposal_id=row.pk, seen_version=None, user=world.unit_user, now=at(2026, 4, 1), matter=MATTER,
            due_on=dt.date(2026, 9, 1),
        )  # fmt: skip
    assert Commitment.objects.count() == 1


def test_what_is_settled_by_the_reply_promises_nothing(world: World) -> None:
    row = ready(world)
    reply_as(world.unit_user, row, world, outcome=world.outcomes["A"])
    assert [act for act, *_ in owed(row)] == ["rate"]


def test_another_date_keeps_the_one_before(world: World) -> None:
    row = rated(world, promised(world))
    change = {"proposal_id": row.pk, "seen_version": None, "commitment_id": Commitment.objects.get().pk}
    with pytest.raises(UnableToAct, match="当前不能办理"):
        services.change_commitment(
            **change, user=world.unit_user, now=at(2026, 11, 2), due_on=dt.date(2027, 6, 30), reason="x"
        )
    services.change_commitment(
        **change, user=world.staff, now=at(2026, 11, 2), due_on=dt.date(2027, 6, 30), reason="征地延后。"
    )
    assert owed(row) == [("commitment", "县教育局", "2027-06-30")]
    step = CommitmentStep.objects.get()
    assert (step.kind, str(step.due_before), str(step.due_on)) == ("reschedule", "2026-12-31", "2027-06-30")
    assert Obligation.objects.open().get(case=row).due_basis == (
        "原期限2026年12月31日：承办单位2026年3月20日承诺的完成期限；2026年11月2日代表工委调整为2027年6月30日"
    )
    told = Notice.objects.filter(title=f"承诺期限有调整：{row}").values_list("recipient__username", flat=True)
    assert sorted(told) == ["deputy", "unit"]


def test_what_cannot_be_kept_is_explained_and_given_up(world: World) -> None:
    row = rated(world, promised(world))
    report(world, row, "explain", text="上级规划调整，线路取消。")
    assert owed(row) == [("commitment-verify", "代表工委", "2027-02-15")]
    assert verify(world, row, agreed=True).state == "dropped"
    assert owed(row) == []


def test_the_deputy_judges_how_it_was_kept_where_the_rules_say_so(world: World) -> None:
    row = rated(world, promised(world, rules="chongqing_2017"))
    report(world, row)
    verify(world, row, agreed=True)
    assert owed(row) == [("commitment-rate", "李春梅代表", "2027-03-03")]
    act = {"proposal_id": row.pk, "seen_version": None, "commitment_id": Commitment.objects.get().pk}
    with pytest.raises(UnableToAct, match="请写明具体意见"):
        services.rate_commitment(**act, user=world.deputy, now=at(2027, 2, 5), grade="dissatisfied")
    services.rate_commitment(**act, user=world.deputy, now=at(2027, 2, 5), grade="dissatisfied", text="班次太少。")
    assert Commitment.objects.get().rating == "dissatisfied"
    assert owed(row) == [("look-back", "代表工委", "2027-02-19")]
    services.look_back(
        **act, user=world.staff, now=at(2027, 2, 8), happened_on=dt.date(2027, 2, 8), text="实地查看，已要求加班次。"
    )
    assert owed(row) == []
    with pytest.raises(UnableToAct, match="当前不能办理"):
        services.rate_commitment(**act, user=world.deputy, now=at(2027, 2, 9), grade="satisfied")


def test_steps_are_never_changed(world: World) -> None:
    row = rated(world, promised(world))
    report(world, row, "progress")
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        CommitmentStep.objects.update(text="改写")
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        CommitmentStep.objects.all().delete()
    assert CommitmentStep.objects.get().text == "两条线路已开通。"


def test_refused_promises_write_nothing(world: World) -> None:
    row = ready(world)
    for wrong in ({"promised_for": dt.date(2026, 3, 19)}, {"promised_for": None}, {"promised_for": dt.date(2037, 1, 1)},
                  {"matter": "长" * 501, "promised_for": dt.date(2026, 12, 1)},
                  {"matter": "", "promised_for": dt.date(2026, 12, 1)}, {"matter": "", "responsible": "王局长"}):  # fmt: skip
        with pytest.raises(UnableToAct, match=r"期限|承诺事项|承诺解决"):
            reply_as(world.unit_user, row, world, outcome=world.outcomes["B"], **({"matter": MATTER} | wrong))
    assert Commitment.objects.count() == 0
    assert [act for act, *_ in owed(row)] == ["reply"]


def test_the_forms_say_what_is_missing_and_keep_what_was_typed(world: World) -> None:
    row = ready(world)
    response = send(world.unit_user, "reply", row, **typed(world, row, outcome=world.outcomes["B"].pk, matter=MATTER))
    text = response.content.decode()
    assert (response.status_code, MATTER in text) == (422, True)
    assert "承诺事项和完成期限要一起填写。" in text
    assert "办理结果为B 正在解决的，请写明承诺解决什么" in text
    response = send(world.unit_user, "reply", row, **typed(
        world, row, outcome=world.outcomes["B"].pk, matter=MATTER, promised_for="2126-12-31"))  # fmt: skip
    assert (response.status_code, Commitment.objects.count()) == (422, 0)


def test_evidence_comes_with_the_report_and_is_nobody_elses(
    world: World, settings: LazySettings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    row = promised(world)
    key = Commitment.objects.get().pk
    picture = SimpleUploadedFile("线路.png", png(), "image/png")
    fields = {"version": row.version, "commitment_id": key, "kind": "claim", "happened_on": "2026-03-20"}
    assert send(world.unit_user, "commitment-report", row, **fields, text="已开通。", file=picture).status_code == 302
    file = Attachment.objects.get()
    assert (file.kind, file.commitment_id, file.name) == ("evidence", key, "线路.png")
    url = reverse("proposals:file", args=[row.pk, file.pk])
    seen = {}
    for user in (world.staff, world.deputy, world.unit_user, world.other_deputy, world.stranger):
        client = Client()
        client.force_login(user)
        response = client.get(url)
        seen[user.username] = response.status_code
        list(response)  # to its end, which closes the file
    assert seen == {"staff": 200, "deputy": 200, "unit": 200, "deputy2": 404, "stranger": 404}
    client = Client()
    client.force_login(world.unit_user)
    again = {"kind": "evidence", "file": SimpleUploadedFile("x.png", png(), "image/png"), "back": "case"}
    text = client.post(reverse("proposals:file-add", args=[row.pk]), again, follow=True).content.decode()
    assert "落实佐证请在“报告承诺落实”的页面上传。" in text
    assert Attachment.objects.count() == 1
    assert "线路.png" in page(world.staff, "case", row)


def test_who_reads_the_register_and_what(world: World) -> None:
    row = rated(world, promised(world))
    rules = HandlingRules.objects.get(code="qingdao_2021")
    other = ready(world, 2, rules=rules.code)
    services.reassign(
        proposal_id=other.pk, seen_version=None, user=world.staff, now=at(2026, 3, 11), reason="职责",
        part_id=other.rounds.get().assignments.get().pk, unit=world.police,
    )  # fmt: skip
    Commitment.objects.create(
        proposal=other, assignment=other.rounds.get().assignments.in_force().get(), unit=world.police,
        matter="公安局的秘密承诺", made_on=dt.date(2026, 3, 11), due_on=dt.date(2026, 5, 1), recorded_at=at(2026, 3, 11),
    )  # fmt: skip
    url = reverse("proposals:commitments")

    def of(user: object, **query: str) -> tuple[int, bool, bool]:
        client = Client()
        client.force_login(user)
        response = client.get(url, query)
        text = response.content.decode()
        return response.status_code, MATTER in text, "公安局的秘密承诺" in text

    assert of(world.staff) == of(world.leader) == (200, True, True)
    assert of(world.unit_user) == (200, True, False)
    assert of(world.police_user) == (200, False, True)
    assert of(world.deputy) == (404, False, False)
    assert of(world.stranger) == (200, False, False)
    assert of(world.staff, unit=str(world.education.pk)) == (200, True, False)
    assert of(world.staff, q="校车线路") == (200, True, False)
    assert of(world.staff, view="kept") == (200, False, False)
    assert of(world.staff, view="x", year="99999", unit="\x00", page="-1", q="\x00") == (200, True, True)
    client = Client()
    client.force_login(world.unit_user)
    content = b"".join(client.get(reverse("proposals:commitments-file")).streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(content))["承诺台账"]
    assert sheet["A1"].value == "云溪县建议办理承诺解决台账"
    line = [cell.value.date() if isinstance(cell.value, dt.datetime) else cell.value for cell in sheet[4]]
    assert line[:8] == [
        1, str(row.session), "第1号", row.title, "县教育局", MATTER, "王局长", dt.date(2026, 3, 20),
    ]  # fmt: skip
    assert sheet.max_row == 5
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)


@pytest.mark.parametrize("count", [3, 300])
def test_the_register_asks_as_often_for_3_as_for_300(world: World, django_assert_num_queries, count: int) -> None:
    row = promised(world)
    part = Commitment.objects.get().assignment
    Commitment.objects.bulk_create(
        Commitment(
            proposal=row, assignment=part, unit=world.education, matter=f"第{n}项", made_on=dt.date(2026, 3, 20),
            due_on=dt.date(2026, 12, 1), recorded_at=at(2026, 3, 20),
        )
        for n in range(count - 1)
    )  # fmt: skip
    client = Client()
    client.force_login(world.staff)
    with django_assert_num_queries(REGISTER):
        assert client.get(reverse("proposals:commitments")).status_code == 200


REGISTER = 9
