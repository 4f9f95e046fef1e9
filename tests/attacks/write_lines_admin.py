"""The lines of the write matrix for the admin: adding, changing and deleting rows of every register, and its own pages.

What is sent to add and change is what the page of somebody who keeps the register shows, with one text changed. The
columns are those who may enter; everybody else is led to the admin's door.
"""

from __future__ import annotations

import io
from functools import partial
from typing import Any

from django.db.models import Model

from tests.admin.conftest import url
from tests.admin.test_admin_rights import KEEP, rights_of
from tests.attacks.answers import WHO
from tests.attacks.stages import Stages
from tests.attacks.test_registers_under_attack import posted
from tests.forms.samples import SAMPLES
from tests.forms.support import book

MAY_ENTER = ("staff", "leader", "administrator", "stranger", "security", "auditor")
# Whose pages are taken for what is sent.
KEEPERS = ("staff", "administrator")
TEXTS = ("name", "title", "topic", "matter", "post", "label", "username", "note")
Row = tuple[str, str, str, str, str]
#                      add       change    delete    change    delete
#                                own       own       foreign   foreign
REGISTER_CELLS: dict[str, Row] = {
    "User":             ("oxooxx", "W.o.W.", "x.x.x.", "..oxo.", "..xxx."),
    "Appointment":      ("Wxxoxx", "Wx....", "Wx....", "...o..", "...W.."),
    "Entry":            ("xxxxxx", ".....x", ".....x", ""      , ""      ),
    "Committee":        ("Wxxoxx", "Wxx.x.", "oxx.x.", "..xox.", "..xWx."),
    "Congress":         ("xxoxxx", "xxW.x.", "xxo.x.", "..oxx.", "..oxx."),
    "Meeting":          ("Wxxoxx", "Wxx.x.", "oxx.x.", "..xox.", "..xox."),
    "Term":             ("oxooxx", "WxW.x.", "oxo.x.", "..oox.", "..oox."),
    "Township":         ("Wxxoxx", "Wx....", "ox....", "...o..", "...o.."),
    "Unit":             ("Wxxoxx", "Wxx.x.", "oxx.x.", "..xox.", "..xox."),
    "CalendarDay":      ("xxoxxx", "xxWxxx", "xxWxxx", ""      , ""      ),
    "CalendarYear":     ("xxoxxx", "xxWxxx", "xxWxxx", ""      , ""      ),
    "Event":            ("xxxxxx", "xx....", "xx....", "...x..", "...x.."),
    "Obligation":       ("xxxxxx", "xx....", "xx....", "...x..", "...x.."),
    "Procedure":        ("xxxxxx", "Wxx.x.", "Wxx.x.", "..xox.", "..xWx."),
    "Step":             ("xxxxxx", "oxx.x.", "xxx.x.", "..xox.", "..xxx."),
    "Delegation":       ("Wxxoxx", "Wx....", "ox....", "...o..", "...o.."),
    "DeputyGroup":      ("Wxxoxx", "Wx....", "Wx....", "...o..", "...W.."),
    "Person":           ("oxxoxx", "Wx....", "xx....", "...o..", "...x.."),
    "Seat":             ("oxxoxx", "Wx....", "ox....", "...o..", "...o.."),
    "DutyRecord":       ("Wxxoxx", "Wx....", "Wx....", "...o..", "...W.."),
    "DutyType":         ("Wxxoxx", "Wx....", "ox....", "...o..", "...o.."),
    "OpinionItem":      ("xxxxxx", "Wx....", "xx....", "...o..", "...x.."),
    "Reception":        ("Wxxoxx", "Wx....", "Wx....", "...o..", "...W.."),
    "Station":          ("Wxxoxx", "Wx....", "ox....", "...o..", "...o.."),
    "Digest":           ("xxxxxx", "xx....", "xx....", "...x..", "...x.."),
    "Notice":           ("xxxxxx", "xx....", "xx....", "...x..", "...x.."),
    "NoticeText":       ("oxxoxx", "Wx....", "Wx....", "...o..", "...W.."),
    "Arrangement":      ("oxxoxx", "Wx....", "xx....", "...o..", "...x.."),
    "Category":         ("Wxxoxx", "Wx....", "ox....", "...o..", "...o.."),
    "HandlingRules":    ("xxxxxx", "Wxx.x.", "Wxx.x.", "..xox.", "..xWx."),
    "OutcomeCategory":  ("oxxoxx", "Wx....", "Wx....", "...o..", "...W.."),
    "Proposal":         ("xxxxxx", "xx....", "xx....", "...x..", "...x.."),
    "TrainingClass":    ("Wxxoxx", "Wx....", "Wx....", "...o..", "...W.."),
}  # fmt: skip
PASSWORDS = {"password1": "云溪之水天上来9a", "password2": "云溪之水天上来9a", "usable_password": "true"}
# Registers that take tables, and the form that reads them.
IMPORTS = {
    "proposals_proposal": "proposals",
    "bodies_unit": "units",
    "duties_dutyrecord": "duty_records",
    "training_trainingclass": "trainings",
    "appointments_appointment": "appointments",
    "deputies_seat": "deputies",
    "liaison_stations_station": "stations",
    "liaison_stations_reception": "receptions",
}


def good_file(kind: str) -> io.BytesIO:
    """A table with one good row, as a browser sends it."""
    file = book(dict(SAMPLES[kind].row))
    file.name = "导入.xlsx"
    return file


# Pages of the admin beside those of the registers: address, row, what is sent, answers of those who may enter.
OWN_PAGES: list[tuple[str, str, dict[str, Any], str]] = [
    ("casework_procedure_copy", "own Procedure", {"kind": "other", "name": "另一个程序"}, "WxW.xx"),
    ("casework_procedure_copy", "foreign Procedure", {"kind": "other", "name": "另一个程序"}, ".xWWxx"),
    ("casework_procedure_activate", "own Procedure", {}, "oxx.x."),
    ("casework_procedure_activate", "foreign Procedure", {}, "..xox."),
    ("proposals_handlingrules_copy", "own HandlingRules", {"kind": "other", "name": "另一套规则"}, "WxW.xx"),
    ("proposals_handlingrules_copy", "foreign HandlingRules", {"kind": "other", "name": "另一套规则"}, ".xWWxx"),
    ("notices_notice_again", "", {"key": "@failed_notice"}, "WxxRxx"),
    ("notices_notice_again", "", {"key": "@foreign_failed_notice"}, "RxxWxx"),
    ("notices_digest_again", "", {"key": "@failed_digest"}, "WxxRxx"),
    ("notices_digest_again", "", {"key": "@foreign_failed_digest"}, "RxxWxx"),
    ("auth_user_password_change", "own User", PASSWORDS, "W.W.x."),
    ("auth_user_password_change", "foreign User", PASSWORDS, "..Wxx."),
    *((f"{register}_import", "", {"file": partial(good_file, kind)}, "oxxoxx") for register, kind in IMPORTS.items()),
    ("audit_entry_export", "", {}, "xxxxxK"),
]


def cells(letters: str, *, door: bool = True) -> str:
    """The letters of those who may enter among those of everybody else, who are asked at some doors of each register."""
    named = dict(zip(MAY_ENTER, letters, strict=True))
    return "".join(named.get(who, "L" if door else "-") for who in WHO)


def shown(stages: Stages, model: type[Model]) -> dict[str, Any]:
    """What the page of a row shows to whoever keeps the register, with one text changed."""
    role = next((role for role in KEEPERS if rights_of(model)[role] == KEEP), "staff")
    page = stages.client(role).get(url(model, "change", stages.realm.registers.own[model].pk))
    if page.status_code != 200 or "adminform" not in page.context:
        return {"name": "改过"}
    data = posted(page)
    name = next((name for name in TEXTS if name in data), "")
    return data | {name: data[name] + "改"} if name else data


def as_new(data: dict[str, Any]) -> dict[str, Any]:
    """The same as a new row, without rows inside."""
    left = {name: value for name, value in data.items() if not name.endswith("-id")}
    return left | {name: "0" for name in left if name.endswith(("-INITIAL_FORMS", "-TOTAL_FORMS"))}


def asked_of(stages: Stages, model: type[Model]) -> dict[str, tuple[str, dict[str, Any]]]:
    """The address and the body of each of the five, as far as the register has a row of another county."""
    own, foreign = stages.realm.registers.own[model], stages.realm.registers.foreign.get(model)
    data, sure = shown(stages, model), {"post": "yes"}
    found = {
        "add": (url(model, "add"), as_new(data)),
        "change": (url(model, "change", own.pk), data),
        "delete": (url(model, "delete", own.pk), sure),
    }
    if foreign is not None:
        found["change foreign"] = (url(model, "change", foreign.pk), data)
        found["delete foreign"] = (url(model, "delete", foreign.pk), sure)
    return found
