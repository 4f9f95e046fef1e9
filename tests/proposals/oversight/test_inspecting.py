"""督办检查: by the four means, what is demanded and answered, and how far the inspections have reached."""

import datetime as dt
import io
import uuid

import pytest
from django.db import transaction
from django.urls import reverse
from openpyxl import load_workbook

from casework.models import CaseStatus, Obligation
from casework.services import UnableToAct
from notices.models import Notice
from proposals import services
from proposals.abilities import abilities
from proposals.models import Inspection, Proposal, Rectification
from proposals.queries.coverage import coverage
from tests import factories as make
from tests.concurrently import beside, somebody_waits, until
from tests.factories import at
from tests.proposals.handing import given, said, waiting
from tests.proposals.oversight.acts import NOW, closed, demanded, inspected
from tests.proposals.reviewed import fresh
from tests.proposals.test_proposal_pages import as_user
from tests.proposals.test_proposal_path import answered, assigned, registered
from tests.world import World, build_world


def owed(row: Proposal) -> list[tuple[str, str, str]]:
    rows = Obligation.objects.open().filter(case=row.pk, act="rectify")
    return [(one.owner_label, one.verb, str(one.due_on)) for one in rows]


def test_inspection_is_recorded_once_with_its_means_and_items(world: World) -> None:
    row, key = assigned(world), uuid.uuid4()
    made = inspected(world, request_key=key, items=[row.pk])
    assert (made.means, list(made.items.all()), made.congress) == (["查资料", "看现场"], [row], world.congress)
    assert inspected(world, request_key=key, items=[row.pk]) == made
    assert Inspection.objects.count() == 1


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"means": []}, "请选择检查的方式"),
        ({"means": ["read_papers", "无"]}, "请选择检查的方式"),
        ({"held_on": dt.date(2026, 5, 9)}, "检查日期不能晚于今天"),
        ({"inspectors": " "}, "请填写检查人员"),
        ({"findings": "\x00"}, "请填写检查情况"),
        ({"items": [0]}, "查看的件应当是交给这个单位办理的"),
    ],
)
def test_wrong_inspections_are_refused(world: World, how: dict, words: str) -> None:
    with pytest.raises(UnableToAct, match=words):
        inspected(world, **how)
    assert not Inspection.objects.exists()


def test_inspections_are_of_the_own_units_by_staff(world: World) -> None:
    row = assigned(world)
    with pytest.raises(UnableToAct, match="请选择本级的承办单位"):
        inspected(world, unit=world.foreign_unit)
    with pytest.raises(UnableToAct, match="督办检查由代表工委登记"):
        inspected(world, user=world.leader)
    with pytest.raises(UnableToAct, match="应当是交给这个单位办理的"):
        inspected(world, unit=world.transport, items=[row.pk])
    assert not Inspection.objects.exists()


def test_demand_outlives_the_closing_and_the_unit_answers_it(world: World) -> None:
    row = answered(world)
    made = demanded(world, inspected(world, items=[row.pk]), row)
    assert (str(made.due_on), owed(row)) == ("2026-06-08", [("县教育局", "报告整改情况", "2026-06-08")])
    assert said(row) == (
        "张志强（代表工委）督办检查（2026年5月8日）要求县教育局整改，期限2026年6月8日：六月底前装好护栏。"
    )
    assert Notice.objects.filter(rule="new", recipient=world.unit_user, title=f"请报告整改情况：{row}").count() == 1
    row = closed(world, row)
    assert (row.status, owed(row)) == (CaseStatus.CLOSED, [("县教育局", "报告整改情况", "2026-06-08")])
    assert abilities(world.unit_user, fresh(row))["rectify"].is_primary
    services.rectify(
        proposal_id=row.pk, seen_version=row.version, user=world.unit_user, now=at(2026, 6, 1), demand_id=made.pk,
        answer="三所学校的护栏已经装好。",
    )  # fmt: skip
    made.refresh_from_db()
    assert (made.answer, made.answered_by, owed(row)) == ("三所学校的护栏已经装好。", world.unit_user, [])
    assert said(row) == "孙丽（县教育局）报告整改情况：三所学校的护栏已经装好。"
    assert (
        Notice.objects.get(recipient=world.staff, title__startswith="县教育局已报告").body == "三所学校的护栏已经装好。"
    )
    assert set(abilities(world.unit_user, fresh(row))) == {"commit"}


def test_demand_lives_on_through_the_steps_and_a_withdrawal(world: World) -> None:
    row = assigned(world)
    demanded(world, inspected(world), row)
    services.acknowledge(proposal_id=row.pk, seen_version=None, user=world.unit_user, now=NOW)
    assert len(owed(row)) == 1
    from casework import services as casework

    casework.close(
        case=casework.lock_case(case_id=row.pk, seen_version=None), closed_as="withdrawn", actor=world.staff, now=NOW
    )
    assert (fresh(row).status, owed(row)) == (CaseStatus.CLOSED, [("县教育局", "报告整改情况", "2026-06-08")])
    assert [one.act for one in Obligation.objects.open().filter(case=row.pk)] == ["rectify"]


def test_unit_that_lost_its_part_still_answers_what_was_demanded(world: World) -> None:
    row = given(world, waiting(world))
    demanded(world, inspected(world), row)
    services.reassign(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=NOW, unit=world.transport, reason="职能调整",
        part_id=row.rounds.get().assignments.get().pk,
    )  # fmt: skip
    assert owed(row) == [("县教育局", "报告整改情况", "2026-06-08")]
    assert "rectify" in abilities(world.unit_user, fresh(row))


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"demand": ""}, "请填写整改要求"),
        ({"demand": "改" * 1001}, "整改要求最多 1000 字"),
        ({"within": ""}, "请选择整改时限，或者填写整改期限的日期，只填一项"),
        ({"due_on": dt.date(2026, 6, 1)}, "只填一项"),
        ({"within": "9M"}, "请从列表中选择整改时限"),
        ({"within": "", "due_on": dt.date(2026, 5, 7)}, "整改期限不能早于今天"),
        ({"proposal_id": 0}, "请从这个单位承办的件中选择"),
    ],
)
def test_wrong_demands_are_refused(world: World, how: dict, words: str) -> None:
    row = assigned(world)
    inspection, proposal_id = inspected(world), how.pop("proposal_id", row.pk)
    told = Notice.objects.count()
    with pytest.raises(UnableToAct, match=words):
        demanded(world, inspection, Proposal(pk=proposal_id), **how)
    assert (Rectification.objects.count(), owed(row), Notice.objects.count()) == (0, [], told)


def test_one_demand_on_an_item_of_an_inspection_and_staff_alone_make_it(world: World) -> None:
    row = assigned(world)
    inspection = inspected(world)
    demanded(world, inspection, row, within="", due_on=dt.date(2026, 6, 1))
    with pytest.raises(UnableToAct, match=r"已经对第1号 .*提出过整改要求"):
        demanded(world, inspection, row)
    with pytest.raises(UnableToAct, match="整改要求由代表工委登记"):
        demanded(world, inspection, row, user=world.leader)
    for user in (world.unit_user, world.stranger, world.deputy):
        with pytest.raises(Inspection.DoesNotExist):
            demanded(world, inspection, row, user=user)
    assert owed(row) == [("县教育局", "报告整改情况", "2026-06-01")]
    second = demanded(world, inspected(world), row)
    assert Rectification.objects.count() == 2
    page = as_user(world.unit_user).get(reverse("proposals:rectify", args=[row.pk])).content.decode()
    assert page.count('name="demand_id"') == 2
    answer = {"version": fresh(row).version, "demand_id": second.pk, "answer": "已装好"}
    assert as_user(world.unit_user).post(reverse("proposals:rectify", args=[row.pk]), answer).status_code == 302
    assert owed(row) == [("县教育局", "报告整改情况", "2026-06-01")]


def test_units_see_their_own_demands_and_deputies_none(world: World) -> None:
    row = answered(world)
    made = demanded(world, inspected(world, findings="机密情况", items=[row.pk]), row, demand="机密要求")
    url = reverse("proposals:case", args=[row.pk])
    own = as_user(world.unit_user).get(url).content.decode()
    assert ("机密要求" in own, "机密情况" in own, reverse("proposals:inspection", args=[made.inspection_id]) in own) == (
        True, False, False,
    )  # fmt: skip
    for user in (world.police_user, world.deputy, world.other_deputy, world.township_user):
        page = as_user(user).get(url).content.decode()
        assert not any(word in page for word in ("机密要求", "整改", "督办检查")), user
        assert not Rectification.objects.visible_to(user).exists(), user
        listed = as_user(user).get(reverse("proposals:list")).content.decode()
        assert "6月8日" not in listed
    overseers = as_user(world.leader).get(url).content.decode()
    assert ("机密要求" in overseers, "检查县教育局" in overseers) == (True, True)
    assert list(Rectification.objects.visible_to(world.unit_user)) == [made]
    for user, status in ((world.stranger, 404), (world.unit_user, 404), (world.leader, 200), (world.staff, 200)):
        page = as_user(user).get(reverse("proposals:inspection", args=[made.inspection_id]))
        assert page.status_code == status, user
    page = as_user(world.stranger).get(reverse("proposals:inspections")).content.decode()
    assert '督办检查<span class="total">0 次</span>' in page


def test_pages_record_demand_and_keep_what_was_typed(world: World) -> None:
    row = assigned(world)
    client = as_user(world.staff)
    new = reverse("proposals:inspection-new")
    assert "县教育局" in client.get(new).content.decode()
    for unit in ("", "x", str(10**30), str(world.foreign_unit.pk)):
        assert client.get(new, {"unit": unit}).status_code == 422, unit
    page = client.get(new, {"unit": world.education.pk})
    key = page.context["form"]["request_key"].value()
    typed = {"request_key": key, "held_on": "2026-05-08", "inspectors": "专班", "findings": "护栏没有装好"}
    address = f"{new}?unit={world.education.pk}"
    page = client.post(address, typed)
    assert (page.status_code, "护栏没有装好" in page.content.decode()) == (422, True)
    for bad in ({"means": "无"}, {"items": "99999999999999999999"}, {"request_key": "x"}, {"held_on": "没有"}):
        assert client.post(address, typed | {"means": "saw_site"} | bad).status_code == 422, bad
    assert not Inspection.objects.exists()
    good = typed | {"means": ["saw_site", "asked_deputies"], "items": [row.pk]}
    shown = client.post(address, good)["Location"]
    assert client.post(address, good)["Location"] == shown
    made = Inspection.objects.get()
    assert made.means == ["看现场", "访代表"]
    demand = {"proposal_id": row.pk, "demand": "装好护栏", "within": "", "due_on": "2099-01-05"}
    page = client.post(shown, demand | {"within": "1M"})
    assert (page.status_code, "只填一项" in page.content.decode(), "装好护栏" in page.content.decode()) == (
        422,
        True,
        True,
    )
    assert client.post(shown, demand).status_code == 302
    assert as_user(world.leader).post(shown, demand).status_code == 404
    assert owed(row) == [("县教育局", "报告整改情况", "2099-01-05")]


def county_with_inspections(world: World) -> None:
    """Education answers for two of 2026 and one of 2025 and was inspected twice; transport for one and never.

    Police assists, answers for nothing, and was inspected once.
    """
    rows = [registered(world, title=f"关于第{n}件事的建议") for n in range(4)]
    for n, row in enumerate(rows):
        lead = world.transport if n == 3 else world.education
        services.assign(
            proposal_id=row.pk, seen_version=None, user=world.staff, now=at(2026, 3, 4), lead=lead,
            assisting=[world.police],
        )  # fmt: skip
    Proposal.objects.filter(pk=rows[2].pk).update(submitted_on=dt.date(2025, 6, 1))
    inspected(world, items=[rows[0].pk, rows[2].pk])
    inspected(world, items=[rows[0].pk], means=["saw_site", "heard_report", "asked_deputies"])
    inspected(world, held_on=dt.date(2025, 7, 1), items=[rows[1].pk])
    inspected(world, unit=world.police)


def test_coverage_counts_units_by_their_items_and_the_four_means(world: World) -> None:
    county_with_inspections(world)
    make.UnitFactory(congress=world.congress, name="没有件的单位")
    rows = coverage(world.leader, 2026)
    assert [(r.unit, r.items, r.inspections, r.by_means, r.looked_at, r.is_covered) for r in rows] == [
        ("县交通运输局", 1, 0, (0, 0, 0, 0), 0, False),
        ("县教育局", 2, 2, (1, 1, 2, 1), 1, True),
        ("县公安局", 0, 1, (1, 0, 1, 0), 0, True),
    ]
    assert [(r.unit, r.items, r.inspections, r.looked_at) for r in coverage(world.leader, 2025)] == [
        ("县教育局", 1, 1, 0)
    ]
    assert coverage(world.stranger, 2026) == []


def test_every_figure_of_the_coverage_opens_onto_its_rows(world: World) -> None:
    county_with_inspections(world)
    client = as_user(world.leader)
    page = client.get(reverse("proposals:coverage"), {"year": "2026"})
    html = page.content.decode()
    assert "3 家承办单位，已检查 2 家。" in html
    assert "<strong>尚未检查</strong>" in html
    line = page.context["rows"][1]
    for url, n in [(line["url"], 2), *((one["url"], one["n"]) for one in line["by_means"])]:
        assert client.get(url).context["page_obj"].paginator.count == n, url
    for url, n in [(line["items_url"], 2), (f"{line['items_url']}&looked=1", 1)]:
        assert client.get(url).context["page_obj"].paginator.count == n, url
    assert client.get(reverse("proposals:coverage-unit", args=[world.foreign_unit.pk])).status_code == 404
    book = load_workbook(io.BytesIO(b"".join(client.get(page.context["file_url"]).streaming_content)))
    sheet = book["督办检查覆盖情况"]
    assert sheet["A1"].value == "云溪县2026年督办检查覆盖情况"
    assert [[cell.value for cell in line] for line in sheet.iter_rows(min_row=3, max_row=7)] == [
        ["承办单位", "主办、分办件数", "检查次数", "查资料", "听汇报", "看现场", "访代表", "查看件数", "覆盖情况"],
        ["县交通运输局", 1, 0, 0, 0, 0, 0, 0, "尚未检查"],
        ["县教育局", 2, 2, 1, 1, 2, 1, 1, "已检查"],
        ["县公安局", 0, 1, 1, 0, 1, 0, 0, "已检查"],
        ["合计", 3, 3, 2, 1, 3, 1, 1, "2／3 家"],
    ]
    assert (sheet.page_setup.orientation, sheet.freeze_panes) == ("landscape", "A4")


@pytest.mark.django_db(transaction=True)
def test_answer_sent_twice_at_once_counts_once() -> None:
    world = build_world()
    row = assigned(world)
    made = demanded(world, inspected(world), row)

    def answer(text: str) -> Rectification:
        return services.rectify(
            proposal_id=row.pk, seen_version=None, user=world.unit_user, now=NOW, demand_id=made.pk, answer=text
        )

    with beside() as start:
        with transaction.atomic():
            answer("甲")
            second = start(lambda: answer("乙"))
            until(somebody_waits, what="the second answer")
        with pytest.raises(UnableToAct):
            second.result()
    assert row.events.filter(verb="rectify").count() == 1
    assert Rectification.objects.get().answer == "甲"
