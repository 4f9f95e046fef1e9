"""The lines of the write matrix for the admin: adding, changing and deleting rows of every register, and its own pages.

What is sent to add and change is what the page of somebody who keeps the register shows, with one text changed. The
columns are those who may enter; everybody else is led to the admin's door.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import Model

from tests.accounts.conftest import ANOTHER, PASSWORD
from tests.admin.conftest import url
from tests.admin.test_admin_rights import KEEP, rights_of
from tests.attacks.answers import WHO, Line, filled
from tests.attacks.stages import Stages
from tests.attacks.test_registers_under_attack import posted
from tests.attacks.write_lines_api import NAMED
from tests.forms.samples import SAMPLES
from tests.forms.support import book
from workbooks import uploads

MAY_ENTER = ("staff", "leader", "administrator", "stranger", "security", "auditor")
# Whose pages are taken for what is sent.
KEEPERS = ("staff", "administrator")
TEXTS = ("name", "title", "topic", "matter", "post", "label", "username", "note")
# In the order of the columns; the list and the page for paper are answered alike.
WHATS = ("add", "change", "delete", "change foreign", "delete foreign", "list", "history", "history foreign")
Row = tuple[str, str, str, str, str, str, str, str]
#                      add       change    delete    change    delete    list      history   history
#                                own       own       foreign   foreign             own       foreign
REGISTER_CELLS: dict[str, Row] = {
    "User":            ("WxWoxx", "W.o.W.", "x.x.x.", "..oxo.", "..xxx.", "oxooox", "o.o.o.", "..ooo."),
    "Appointment":     ("Wxxoxx", "Wx....", "Wx....", "...o..", "...W..", "ooxoxx", "oo....", "...o.."),
    "Entry":           ("xxxxxx", ".....x", ".....x", ""      , ""      , "xxxxxo", ".....o", ""),
    "Committee":       ("Wxxoxx", "Wxx.x.", "oxx.x.", "..xox.", "..xWx.", "ooooox", "ooo.o.", "..ooo."),
    "Congress":        ("xxWxxx", "xxW.x.", "xxo.x.", "..oxx.", "..oxx.", "ooooox", "ooo.o.", "..ooo."),
    "Meeting":         ("Wxxoxx", "Wxx.x.", "oxx.x.", "..xox.", "..xox.", "ooxoxx", "oox.x.", "..xox."),
    "Term":            ("WxWoxx", "WxW.x.", "oxo.x.", "..oox.", "..oox.", "ooooxx", "ooo.x.", "..oox."),
    "Township":        ("Wxxoxx", "Wx....", "ox....", "...o..", "...o..", "ooxoxx", "oo....", "...o.."),
    "Unit":            ("Wxxoxx", "Wxx.x.", "oxx.x.", "..xox.", "..xox.", "ooooox", "ooo.o.", "..ooo."),
    "CalendarDay":     ("xxWxxx", "xxWxxx", "xxWxxx", ""      , ""      , "ooooxx", "ooooxx", ""),
    "CalendarYear":    ("xxWxxx", "xxWxxx", "xxWxxx", ""      , ""      , "ooooxx", "ooooxx", ""),
    "Event":           ("xxxxxx", "xx....", "xx....", "...x..", "...x..", "ooxoxx", "oo....", "...o.."),
    "Obligation":      ("xxxxxx", "xx....", "xx....", "...x..", "...x..", "ooxoxx", "oo....", "...o.."),
    "Procedure":       ("xxxxxx", "Wxx.x.", "Wxx.x.", "..xox.", "..xWx.", "ooooxx", "ooo.x.", "..oox."),
    "Step":            ("xxxxxx", "Wxx.x.", "xxx.x.", "..xox.", "..xxx.", "ooooxx", "ooo.x.", "..oox."),
    "Delegation":      ("Wxxoxx", "Wx....", "ox....", "...o..", "...o..", "ooxoxx", "oo....", "...o.."),
    "DeputyGroup":     ("Wxxoxx", "Wx....", "Wx....", "...o..", "...W..", "ooxoxx", "oo....", "...o.."),
    "Person":          ("Wxxoxx", "Wx....", "xx....", "...o..", "...x..", "ooxoxx", "oo....", "...o.."),
    "Seat":            ("Wxxoxx", "Wx....", "ox....", "...o..", "...o..", "ooxoxx", "oo....", "...o.."),
    "DutyRecord":      ("Wxxoxx", "Wx....", "Wx....", "...o..", "...W..", "ooxoxx", "oo....", "...o.."),
    "DutyType":        ("Wxxoxx", "Wx....", "ox....", "...o..", "...o..", "ooxoxx", "oo....", "...o.."),
    "OpinionItem":     ("xxxxxx", "Wx....", "xx....", "...o..", "...x..", "ooxoxx", "oo....", "...o.."),
    "Reception":       ("Wxxoxx", "Wx....", "Wx....", "...o..", "...W..", "ooxoxx", "oo....", "...o.."),
    "Station":         ("Wxxoxx", "Wx....", "ox....", "...o..", "...o..", "ooxoxx", "oo....", "...o.."),
    "Digest":          ("xxxxxx", "xx....", "xx....", "...x..", "...x..", "ooxoxx", "oo....", "...o.."),
    "Notice":          ("xxxxxx", "xx....", "xx....", "...x..", "...x..", "ooxoxx", "oo....", "...o.."),
    "NoticeText":      ("Wxxoxx", "Wx....", "Wx....", "...o..", "...W..", "ooxoxx", "oo....", "...o.."),
    "Arrangement":     ("Wxxoxx", "Wx....", "xx....", "...o..", "...x..", "ooxoxx", "oo....", "...o.."),
    "Category":        ("Wxxoxx", "Wx....", "ox....", "...o..", "...o..", "ooxoxx", "oo....", "...o.."),
    "HandlingRules":   ("xxxxxx", "Wxx.x.", "Wxx.x.", "..xox.", "..xWx.", "ooooxx", "ooo.x.", "..oox."),
    "OutcomeCategory": ("Wxxoxx", "Wx....", "Wx....", "...o..", "...W..", "ooxoxx", "oo....", "...o.."),
    "Proposal":        ("xxxxxx", "xx....", "xx....", "...x..", "...x..", "ooxoxx", "oo....", "...o.."),
    "TrainingClass":   ("Wxxoxx", "Wx....", "Wx....", "...o..", "...W..", "ooxoxx", "oo....", "...o.."),
}  # fmt: skip
PASSWORDS = {"password1": "云溪之水天上来9a", "password2": "云溪之水天上来9a", "usable_password": "true"}
# What a new row cannot have in common with the one that there is, and the rows inside that it must have.
NEW: dict[str, dict[str, Any]] = {
    "User": PASSWORDS | {"username": "xinren", "memberships-TOTAL_FORMS": "1", "memberships-0-user": None},
    "Congress": {"code": "990300"},
    "Term": {"starts_on": "2028-01-01", "ends_on": "2032-12-31"},
    "CalendarDay": {"day": "2026-10-08"},
    "CalendarYear": {"year": "2030", "arrangement": "国庆节 2030-10-01"},
    "NoticeText": {"rule": "near_due"},
    "OutcomeCategory": {"code": "Z"},
    "Person": {"user": "", "seats-TOTAL_FORMS": "1", "seats-0-person": None},
    "Seat": {"person": "@former"},
    "Arrangement": {"term": "@former_term"},
}
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
# What only those who keep it take away as a table.
KEPT_BACK = ("deputies_seat", "liaison_stations_station", "liaison_stations_reception")


def good_file(kind: str) -> ContentFile:
    """A table with one good row, as a browser sends it."""
    row = {header: NAMED.get(text, text) for header, text in SAMPLES[kind].row.items()}
    return ContentFile(book(row).getvalue(), name="导入.xlsx")


def confirming(kind: str, who: str, stages: Stages) -> dict[str, str]:
    """What the second step of an import sends: the token of the file that somebody has had checked."""
    user = stages.realm.users[who]
    kept = uploads.keep(good_file(kind), user_id=user.pk, kind=kind, congress=user.hat.congress.code)
    return {"token": kept.token}


# Pages of the admin beside those of the registers: address, row, what is sent, answers of those who may enter.
OWN_PAGES: list[tuple[str, str, Any, str]] = [
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
    *((f"{register}_import", "", {"file": partial(good_file, kind)}, "KxxKxx") for register, kind in IMPORTS.items()),
    *((f"{register}_import", "", partial(confirming, kind, "staff"), "WxxRxx") for register, kind in IMPORTS.items()),
    # A file of somebody else of the same county.
    *((f"{register}_import", "", partial(confirming, kind, "leader"), "RxxRxx") for register, kind in IMPORTS.items()),
    *((f"{register}_template", "", {}, "KxxKxx") for register in IMPORTS),
    *((f"{register}_export", "", {}, "KxxKxx" if register in KEPT_BACK else "KKxKxx") for register in IMPORTS),
    ("audit_entry_export", "", {}, "xxxxxK"),
]


OLD_AND_NEW = {"old_password": PASSWORD, "new_password1": ANOTHER, "new_password2": ANOTHER}
PICKER = "?app_label=deputies&model_name=seat&field_name=person&term=石"
# What belongs to no register, to everybody; who may not enter is told so at the admin's own log-in.
SITE_PAGES = [
    # staff lead gov unit pol town dep dep2 | adm none | foreign comm safe audit | anonymous
    Line("admin:index", "", {}, "ooLLLLLL oL oLoo L"),
    Line("admin:app_list", "app", {}, "ooLLLLLL oL oL.. L"),
    Line("admin:login", "", {"username": "staff", "password": PASSWORD}, "RRxxxxxx Rx RxRR L"),
    Line("admin:logout", "", {}, "ooRRRRRR oR oRoo R"),
    Line("admin:password_change", "", OLD_AND_NEW, "RRLLLLLL RL RLRR L"),
    Line("admin:password_change_done", "", {}, "mmLLLLLL mL mLmm L"),
    Line("admin:jsi18n", "", {}, "mmLLLLLL mL mLmm L"),
    Line("admin:autocomplete", "", {}, "mmLLLLLL mL mLmm L", query=PICKER),
    Line("admin:view_on_site", "kind,foreign", {}, "........ .. .... ."),
]


def cells(letters: str) -> str:
    """The letters of those who may enter among those of everybody else."""
    named = dict(zip(MAY_ENTER, letters, strict=True))
    return "".join(named.get(who, "L") for who in WHO)


def row_of(model: type[Model]) -> dict[str, str]:
    """The letters of a register by what is done there."""
    lines = dict(zip(WHATS, REGISTER_CELLS[model.__name__], strict=True))
    return lines | {"print": lines["list"]}


def shown(stages: Stages, model: type[Model]) -> dict[str, Any]:
    """What the page of a row shows to whoever keeps the register, with one text changed."""
    role = next((role for role in KEEPERS if rights_of(model)[role] == KEEP), "staff")
    page = stages.client(role).get(url(model, "change", stages.realm.registers.own[model].pk))
    if page.status_code != 200 or "adminform" not in page.context:
        return {"name": "改过"}
    data = posted(page)
    name = next((name for name in TEXTS if name in data), "")
    return data | {name: data[name] + "改"} if name else data


def as_new(data: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The same as a new row, without rows inside; with what must be another than there, or (None) not at all."""
    left = {name: value for name, value in data.items() if not name.endswith("-id")}
    left |= {name: "0" for name in left if name.endswith(("-INITIAL_FORMS", "-TOTAL_FORMS"))}
    return {name: value for name, value in (left | other).items() if value is not None}


def asked_of(stages: Stages, model: type[Model]) -> dict[str, tuple[str, dict[str, Any]]]:
    """The address and the body of each, as far as the register has a row of another county."""
    own, foreign = stages.realm.registers.own[model], stages.realm.registers.foreign.get(model)
    data, sure = shown(stages, model), {"post": "yes"}
    rows = [str(row.pk) for row in (own, foreign) if row]
    many = sure | {"action": "delete_selected", "_selected_action": rows, "index": "0"}
    found = {
        "add": (url(model, "add"), as_new(data, filled(stages, NEW.get(model.__name__, {})))),
        "change": (url(model, "change", own.pk), data),
        "delete": (url(model, "delete", own.pk), sure),
        "list": (url(model, "changelist"), many),
        "print": (url(model, "print"), many),
        "history": (url(model, "history", own.pk), sure),
    }
    if foreign is not None:
        found["change foreign"] = (url(model, "change", foreign.pk), data)
        found["history foreign"] = (url(model, "history", foreign.pk), sure)
        found["delete foreign"] = (url(model, "delete", foreign.pk), sure)
    return found
