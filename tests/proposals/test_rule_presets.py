"""The shipped rules of handling against the collected ones, value by value, and against what the table accepts."""

import json

import pytest

from portal.places import REPOSITORY
from proposals.models import HandlingRules
from proposals.rule_presets import RULES

FILE = REPOSITORY.parent / "shared" / "data" / "rules_presets.json"
BY_CODE = {row["code"]: row for row in RULES}
APPROVERS = {"代表工作机构": "commission", "交办机关": "assigner", "交办机构": "assigner"}
# Values that the file writes as programs do are written for people, as the regulation has them.
SPOKEN = {"08-31": "每年8月31日前", "闭会后1M": "1M"}
RENAMED = {"complex": "reply_complex", "assign": "assign_recess", "assign_meeting_within": "assign_session"}
# Facts without a field of their own stand where people read them.
IN_BASIS = {"form_to": "领衔代表", "late_return": "不再调整"}


def expected(given: dict) -> dict:
    """The collected values as fields of the table."""
    values = {key: value for key, value in given.items() if key not in {"basis", *IN_BASIS}}
    if isinstance(values.get("reply"), dict):
        reply = values.pop("reply")
        # All periods of a reply begin with the assignment.
        assert reply.pop("start") == "交办之日"
        values |= {"reply": reply["normal"], "reply_complex": reply["complex"]}
    found = {RENAMED.get(key, key): SPOKEN.get(value, value) or "" for key, value in values.items()}
    if "extend_approver" in found:
        found["extend_approver"] = APPROVERS[found["extend_approver"]]
    return found


@pytest.mark.skipif(not FILE.exists(), reason="the collected presets (rules_presets.json) are not at hand")
def test_nothing_that_was_collected_is_lost_or_changed() -> None:
    collected = {key: value for key, value in json.loads(FILE.read_text()).items() if not key.startswith("_")}
    assert list(collected) == list(BY_CODE)
    for code, given in collected.items():
        rules = HandlingRules(**BY_CODE[code])
        wanted = expected(given)
        assert {field: getattr(rules, field) for field in wanted} == wanted, code
        for key, words in IN_BASIS.items():
            assert key not in given or words in rules.basis, code


def test_there_are_eleven_presets_with_names_of_their_own() -> None:
    assert len(RULES) == len(BY_CODE) == len({row["name"] for row in RULES}) == 11


@pytest.mark.django_db
def test_the_table_takes_every_preset_and_gives_it_back() -> None:
    HandlingRules.objects.all().delete()
    for row in RULES:
        rules = HandlingRules(**row)
        rules.full_clean()
        rules.save()
    stored = {row["code"]: row for row in HandlingRules.objects.values()}
    for row in RULES:
        assert {key: stored[row["code"]][key] for key in row} == row


DETAILS = {
    # 青岛 28: the lead deputy is answered; 上海 20, 浙江 22, 山东 20, 河南 21, 重庆 23: each one.
    "cosigner_reply": {"qingdao_2021": "lead"},
    # 上海 10.
    "withdrawal_needs_consent": {"shanghai_2015": True},
    # 青岛 25, 上海 19: the commission; elsewhere whoever assigned.
    "extend_approver": {"qingdao_2021": "commission", "shanghai_2015": "commission"},
    # 重庆 24.
    "commitment_report": {"chongqing_2017": "每年第四季度"},
    # No regulation takes back the last day's move (民法典 203).
    "rolls": {},
}


@pytest.mark.parametrize("field", DETAILS)
def test_manners_that_differ_from_the_usual(field: str) -> None:
    usual = getattr(HandlingRules(), field)
    found = {row["code"]: getattr(HandlingRules(**row), field) for row in RULES}
    assert {code: value for code, value in found.items() if value != usual} == DETAILS[field]
