"""The lines of the write matrix for the pages beside the acts: drafts, files, oversight, ratings, reports, accounts."""

import uuid

from django.core.cache import cache

from tests.accounts.conftest import ANOTHER, PASSWORD, code_now
from tests.attacks.answers import Line
from tests.attacks.stages import Stages
from tests.proposals.files import upload

DAY = "2026-03-20"
DRAFT = {"title": "新的建议", "form": "suggestion", "body": "正文", "disclosure": "full"}
ROUND = {
    "title": "新的测评", "held_on": DAY, "subjects": "县教育局", "scale": "satisfaction", "secrecy": "named",
}  # fmt: skip
INSPECTION = {
    "held_on": DAY, "inspectors": "专班", "means": ["saw_site"], "findings": "台账齐全。", "request_key": str(uuid.UUID(int=1)),
}  # fmt: skip
VOTE = {"title": "评议", "held_on": DAY, "items": ["@overseen"], "is_secret": "0", "request_key": str(uuid.UUID(int=2))}
ITEMS = {
    "name": "改过的方案", "version": "@version of scheme_draft", "item-TOTAL_FORMS": "1", "item-INITIAL_FORMS": "0",
    "item-0-name": "按时答复", "item-0-max_points": "100", "item-0-measure": "on_time",
}  # fmt: skip
DEED = {"done_on": DAY, "type": "小组活动", "topic": "走访养老院"}
ERASE = {"reason": "期限已满", "sure": "1"}
PREVIEW = {"body": "已增加班次。", "disclosure": "full", "outcome": "@own OutcomeCategory", "replied_on": DAY}

CHOSEN = {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER}


def code(_: Stages) -> dict[str, str]:
    """What the app of the unit, and the new one of everybody else, shows now; that it was used is forgotten."""
    cache.clear()
    return {"code": code_now()}


#         name                     rows            body     staff lead gov unit pol town dep dep2 | adm none foreign comm safe audit | anonymous
PAGES: list[Line] = [
    Line("proposals:new", "", DRAFT | {"save": "1", "request_key": str(uuid.UUID(int=3))}, "FFFFFFWW RR FFRR L"),
    Line("proposals:autosave-new", "", DRAFT | {"request_key": str(uuid.UUID(int=4))}, "FFFFFFWW FF FFFF ?"),
    Line("proposals:edit", "draft", DRAFT | {"self_checked": "on", "version": "@version of draft"}, "......W. .. .... L"),
    Line("proposals:edit", "returned", DRAFT | {"save": "1", "version": "@version of returned"}, "CC...CW. .. .... L"),
    Line("proposals:edit", "foreign_draft", DRAFT | {"save": "1", "version": "@version of foreign_draft"}, "........ .. .... L"),
    Line("proposals:autosave", "draft", DRAFT | {"version": "@version of draft"}, "......W. .. .... ?"),
    Line("proposals:autosave", "hidden", DRAFT | {"version": "@version of hidden"}, "FFFF.FF. .. .... ?"),
    Line("proposals:autosave", "foreign_draft", DRAFT | {"version": "@version of foreign_draft"}, "........ .. .... ?"),
    Line("proposals:invite", "invited", {"take_back": "@invitation", "version": "@version of invited"}, "......WC .. .... L"),
    Line("proposals:reply-preview", "overseen", PREVIEW, "CCCo.CC. .. .C.. L"),
    Line("proposals:reply-preview", "foreign", PREVIEW, "........ .. C... L"),
    Line("proposals:file-add", "draft", {"kind": "proposal", "file": upload}, "......W. .. .... L"),
    Line("proposals:file-add", "foreign", {"kind": "proposal", "file": upload}, "........ .. W... L"),
    Line("proposals:file-remove", "draft,file", {}, "......W. .. .... L"),
    Line("proposals:file-remove", "foreign,file", {}, "........ .. R... L"),
    Line("proposals:vote-new", "", VOTE, "W....... .. F... L"),
    Line("proposals:vote-new", "", VOTE | {"items": ["@foreign"]}, "F....... .. F... L"),
    Line("proposals:inspection-new", "", INSPECTION, "W....... .. F... L", query="?unit={own Unit}"),
    Line("proposals:inspection-new", "", INSPECTION, "F....... .. W... L", query="?unit={foreign_unit}"),
    Line("proposals:inspection", "inspection", {"proposal_id": "@inspected", "demand": "装好护栏。", "within": "1M"}, "W....... .. .... L"),
    Line("proposals:inspection", "inspection", {"proposal_id": "@foreign", "demand": "装好护栏。", "within": "1M"}, "F....... .. .... L"),
    Line("proposals:scoring-new", "", {"year": "2026", "preset": "records"}, "W....... .. W... L"),
    Line("proposals:scoring-items", "scheme_draft", ITEMS, "W....... .. .... L"),
    Line("proposals:scoring-activate", "scheme_draft", {}, "W....... .. .... L"),
    Line("proposals:scoring-close", "scheme", {}, "W....... .. .... L"),
    Line("proposals:scoring-unit", "scheme,own Unit", {"seen": "@seen", "points_{by_hand}": "3"}, "W....... .. .... L"),
    Line("casework:urge", "obligation", {"text": "请尽快办理。"}, "WWWR.RR. .. .... L"),
    Line("casework:urge", "foreign_obligation", {"text": "请尽快办理。"}, "........ .. R... L"),
    Line("wear", "own hat", {}, "R....... .. .... L"),
    Line("wear", "foreign hat", {}, "........ .. R... L"),
    Line("large_type", "", {"on": "1"}, "RRRRRRRR RR RRRR R"),
    Line("notices:read_all", "", {}, "WRRWRRWR RR WRRR L"),
    Line("notices:read", "message", {}, "W....... .. .... L"),
    Line("notices:read", "foreign_message", {}, "........ .. W... L"),
    Line("notices:addresses", "", {"email": "a@example.com", "email_on": "on"}, "WWWWWWWW WW WWWW L"),
    Line("duties:activity-register", "group", DEED | {"state_{own Seat}": "present"}, "FF....W. .. .... L"),
    Line("duties:activity-register", "foreign_group", DEED | {"state_{foreign Seat}": "present"}, "........ .. F... L"),
    Line("duties:activity-correct", "activity", DEED | {"seen": "1"}, "WF....W. .. .... L"),
    Line("duties:activity-take-back", "activity", {"seen": "1"}, "WC....W. .. .... L"),
    Line("duties:enter", "group", DEED | {"member": "@elder"}, "FF....W. .. .... L"),
    Line("duties:entered", "group,entered", DEED | {"seen": "@entered_seen"}, "......W. .. .... L"),
    Line("duties:entered-take-back", "group,entered", {}, "......W. .. .... L"),
    Line("deputies:look", "person", {"field": "phone"}, "o....oo. .. .... L"),
    Line("deputies:look", "f_person", {"field": "phone"}, "........ .. o... L"),
    Line("deputies:report", "person", {}, "o....... .. .... L"),
    Line("deputies:report", "f_person", {}, "........ .. o... L"),
    Line("deputies:report-file", "person", {}, "K....... .. .... L"),
    Line("deputies:report-file", "f_person", {}, "........ .. K... L"),
    Line("deputies:my-corrections", "", {"field": "address", "new": "新的住址", "reason": "搬家"}, "......WW .. .... L"),
    Line("deputies:withdraw-correction", "correction", {}, "......W. .. .... L"),
    Line("deputies:withdraw-correction", "foreign_correction", {}, "........ .. .... L"),
    Line("deputies:correction", "correction", {"act": "accept"}, "W....... .. .... L"),
    Line("deputies:correction", "foreign_correction", {"act": "refuse", "answer": "不符"}, "........ .. W... L"),
    Line("deputies:look-correction", "correction", {}, "o....... .. .... L"),
    Line("deputies:look-correction", "foreign_correction", {}, "........ .. o... L"),
    Line("deputies:retention", "", ERASE | {"person": ["@former"]}, "W....... .. .... L"),
    Line("deputies:retention", "", ERASE | {"person": ["@foreign_former"]}, "........ .. W... L"),
    Line("deputies:retention", "", {"code": "visitors", "reason": "期限已满"}, "W....... .. F... L"),
    Line("reports:ask", "", {"year": "2026"}, "WW...... .. W... L"),
    Line("reports:cancel", "report_waiting", {}, "WR...... .. .... L"),
    Line("reports:cancel", "foreign_report", {}, "........ .. R... L"),
    Line("ratings:new", "", ROUND | {"request_key": str(uuid.UUID(int=5))}, "W....... .. W... L"),
    Line("ratings:edit", "round_draft", ROUND | {"version": "@version of round_draft"}, "W....... .. .... L"),
    Line("ratings:delete", "round_draft", {"version": "@version of round_draft"}, "W....... .. .... L"),
    Line("ratings:voters", "round_draft", {"circles": ["all"]}, "W....... .. .... L"),
    Line("ratings:voters-remove", "round_draft", {"voter": ["@round_draft_voter"]}, "W....... .. .... L"),
    Line("ratings:codes", "round_draft", {"number": "2"}, "W....... .. .... L"),
    Line("ratings:open", "round_draft", {"version": "@version of round_draft"}, "W....... .. .... L"),
    Line("ratings:close", "rating", {"version": "@version of rating"}, "W....... .. .... L"),
    Line("ratings:publish", "round_closed", {"audience": "congress"}, "W....... .. .... L"),
    Line("ratings:vote", "round_codes", {"s{subject}": "@level"}, "......W. .. .... L"),
    Line("ratings:paper", "round_codes", {"ballots": "1", "n{subject}-{level}": "1"}, "W....... .. .... L"),
    Line("ratings:paper-correct", "round_codes,paper", {"ballots": "2", "n{subject}-{level}": "2"}, "W....... .. .... L"),
    Line("ballot:enter", "", {"code": "@code"}, "RRRRRRRR RR RRRR R"),
    Line("ballot:vote", "code", {"s{subject}": "@level"}, "WWWWWWWW WW WWWW W"),
    Line("tokens:list", "", {"name": "办公系统", "membership": "@own hat", "days": "90"}, "WFFFFFFF .. FF.. L"),
    Line("tokens:list", "", {"name": "办公系统", "membership": "@foreign hat", "days": "90"}, "FFFFFFFF .. WF.. L"),
    Line("tokens:revoke", "token", {}, "W....... .. .... L"),
    Line("accounts:revoke_token", "deputy_token", {"reason": "系统停用。"}, "W....... W. ..W. L"),
    Line("accounts:revoke_token", "stranger_token", {"reason": "系统停用。"}, "........ W. ..W. L"),
    Line("accounts:end_session", "session", {}, "R....... .. .... L"),
    Line("accounts:unlock", "locked", {"reason": "本人到场。"}, "........ .. ..W. L"),
    Line("accounts:remove_second_factor", "guarded", {"reason": "手机丢失。"}, "........ .. ..W. L"),
    Line("account_login", "", {"login": "staff", "password": "not this one"}, "RRRRRRRR RR RRRR W"),
    Line("account_login", "", {"login": "staff", "password": PASSWORD}, "RRRRRRRR RR RRRR W"),
    Line("account_logout", "", {}, "LLLLLLLL LL LLLL L"),
    Line("account_inactive", "", {}, "mmmmmmmm mm mmmm m"),
    Line("account_reauthenticate", "", {"password": "not this one"}, "WWWTWWWW WW WWWW L"),
    Line("account_reauthenticate", "", {"password": PASSWORD}, "RRRTRRRR RR RRRR L"),
    Line("account_change_password", "", CHOSEN, "WWWWWWWW WW WWWW L"),
    Line("account_change_password", "", {"oldpassword": "not this one", "password1": "x", "password2": "x"}, "oooooooo oo oooo L"),
    Line("mfa_index", "", {}, "RRRRRRRR RR RRRR R"),
    Line("mfa_authenticate", "", {"code": "123456"}, "RRRRRRRR RR RRRR L"),
    Line("mfa_authenticate", "", code, "RRRRRRRR RR RRRR W", proved=True),
    Line("mfa_authenticate", "", {"code": "12345x"}, "RRRRRRRR RR RRRR o", proved=True),
    Line("mfa_reauthenticate", "", code, "RRRWRRRR RR RRRR L"),
    Line("mfa_reauthenticate", "", {"code": "123456"}, "RRRoRRRR RR RRRR L"),
    Line("mfa_activate_totp", "", {"code": "123456"}, "RRRRRRRR RR RRRR L"),
    Line("mfa_activate_totp", "", code, "WWWRWWWW WW WWWW L", proved=True),
    Line("mfa_activate_totp", "", {"code": "12345x"}, "oooRoooo oo oooo L", proved=True),
    Line("mfa_generate_recovery_codes", "", {}, "oooWoooo oo oooo L", proved=True),
    Line("mfa_deactivate_totp", "", {}, "...W.... .. .... L", proved=True),
    Line("mfa_generate_recovery_codes", "", {}, "RRRRRRRR RR RRRR L"),
    Line("mfa_deactivate_totp", "", {}, "...R.... .. .... L"),
    Line("mfa_view_recovery_codes", "", {}, "mmmmmmmm mm mmmm L"),
    Line("mfa_download_recovery_codes", "", {}, "........ .. .... L"),
    Line("mfa_list_webauthn", "", {}, "mmmmmmmm mm mmmm L"),
    Line("mfa_add_webauthn", "", {"credential": "[]", "name": "钥匙"}, "RRRRRRRR RR RRRR L"),
    Line("mfa_login_webauthn", "", {"credential": "[]"}, "RRRRRRRR RR RRRR L"),
    Line("mfa_reauthenticate_webauthn", "", {"credential": "[]"}, "RRRRRRRR RR RRRR L"),
    Line("mfa_remove_webauthn", "guarded", {}, "RRRRRRRR RR RRRR L"),
    Line("usersessions_list", "", {}, "RRRRRRRR RR RRRR L"),
]  # fmt: skip
