"""The lines of the write matrix for the acts on proposals, on the pages and through the API.

A line names an act, the row on which somebody may do it, and what he would send. ``@x`` is the key of the row x.
"""

from tests.attacks.answers import WHO, Line

DAY = "2026-03-20"
MEETING = {"meeting": "第二十三次主任会议", "decided_on": DAY}
WITHOUT_HAT = ("administrator", "hatless", "security", "auditor")
# By act: a row on which somebody may do it, what he sends, the answers to all; and what the neighbour's staff are
# answered when they send the same for the neighbour's row, which is under review (page and API, where they differ).
SENT: dict[str, tuple[str, dict, str, str]] = {
#   staff lead gov unit pol town dep dep2 | adm none | foreign comm safe audit | anonymous
    "edit": ("draft", {"title": "改过的草稿", "form": "suggestion", "body": "正文", "disclosure": "full"}, "......W. .. .... L", "C"),
    "submit": ("draft", {"self_checked": True}, "......R. .. .... L", "C"),
    "invite": ("draft", {"seats": ["@other_seat"]}, "......W. .. .... L", "C"),
    "cosign": ("invited", {"digest": "@digest", "answer": "yes"}, "......CW .. .... L", "C"),
    "withdraw": ("under_review", {"reason": "情况已经变化。", "paper_on": DAY}, "WC...CW. .. .... L", "W"),
    "consent": ("wanted_back", {"answer": "yes", "seat": "@other_seat"}, "WC...CCW .. .... L", "C"),
    "review": ("under_review", {"outcome": "pass", "category": "@own Category"}, "WC...CC. .. .... L", "F"),
    "gate": ("under_review", {"gates": ["study"]}, "WC...WC. .. .... L", "W"),
    "convert": ("bill", {"reason": "没有列入会议议程。"}, "WC...CC. .. .... L", "FC"),
    "key": ("hidden", MEETING, "WCCC.CC. .. .... L", "C"),
    "milestone": ("hidden", {"kind": "progress", "happened_on": DAY, "text": "新增校车 42 辆。"}, "WCCC.CC. .. .... L", "C"),
    "oversee": ("hidden", {"kind": "field", "body": "教科文卫委员会", **MEETING}, "WCCC.CC. .. .... L", "C"),
    "lift": ("overseen", {"oversight_id": "@oversight", "reason": "已经办好。"}, "WCCC.CC. .. .C.. L", "C"),
    "rectify": ("inspected", {"demand_id": "@demand", "answer": "已经装好护栏。"}, "CCCW.CC. .. .... L", "C"),
    "evaluate": ("hidden", {"why": "两次不满意。", "evaluators": "三名代表", "due_on": "2027-06-30", **MEETING}, "WCCC.CC. .. .... L", "C"),
    "assign": ("passed", {"lead": "@own Unit"}, "WC...CC. .. .... L", "C"),
    "distribute": ("at_office", {"lead": "@own Unit"}, "CCW..CC. .. .... L", "C"),
    "return": ("disclosed", {"reason": "不属于本局职责。", "signed_by": "王局长"}, "CCCW.CCC .. .C.. L", "C"),
    "decide-return": ("to_return", {"request_id": "@return_request", "verdict": "refuse", "note": "属于本局职责。"}, "WCCC.CC. .. .... L", "C"),
    "reassign": ("disclosed", {"part_id": "@part", "unit": "@police_unit", "reason": "职责调整。"}, "WCCC.CCC .. .C.. L", "C"),
    "extend": ("to_extend", {"wanted_until": "@in 120 days", "reason": "要列入计划。", "signed_by": "王局长"}, "CCCW.CC. .. .... L", "C"),
    "decide-extension": ("extending", {"request_id": "@extension", "verdict": "refuse", "note": "请按时办结。"}, "WCCC.CC. .. .... L", "C"),
    "opinion": ("assisted", {"body": "可以增设警示标志。"}, "CCCCWCC. .. .... L", "C"),
    "send-back": ("opined", {"opinion_id": "@opinion", "reason": "请写明时间。"}, "CCCWCCC. .. .... L", "C"),
    "acknowledge": ("hidden", {}, "CCCW.CC. .. .... L", "C"),
    "contact": ("disclosed", {"phase": "during", "contacted_on": DAY, "way": "visit", "summary": "上门听取意见。"}, "CCCW.CCC .. .C.. L", "C"),
    "in-person": (
        "disclosed",
        {"held_on": DAY, "place": "县教育局", "unit_people": "王局长", "deputies": "李春梅", "minutes": "已经答复。"}, "CCCW.CCC .. .C.. L", "C"),
    "reply": (
        "overseen",
        {"replied_on": DAY, "document_no": "云教〔2026〕9号", "outcome": "@own OutcomeCategory", "body": "已增加班次。", "disclosure": "full"}, "CCCW.CC. .. .C.. L", "C"),
    "rate": ("replied", {"attitude": "satisfied", "result": "satisfied"}, "WCCC.CW. .. .... L", "C"),
    "close-unrated": ("replied", {"note": "已两次提醒。"}, "WCCC.CC. .. .... L", "C"),
    "commit": ("replied", {"matter": "新增两条线路", "due_on": "2027-12-31"}, "CCCW.CC. .. .... L", "C"),
    "commitment-report": (
        "promised",
        {"commitment_id": "@promised_matter", "kind": "claim", "happened_on": "@today", "text": "两条线路已开通。"}, "CCCW.CC. .. .... L", "C"),
    "commitment-verify": ("claimed", {"commitment_id": "@claimed_matter", "agreed": "1"}, "WCCC.CC. .. .... L", "C"),
    "commitment-change": ("promised", {"commitment_id": "@promised_matter", "due_on": "2027-12-30", "reason": "工期顺延。"}, "WCCC.CC. .. .... L", "C"),
    "look-back": ("kept", {"commitment_id": "@kept_matter", "happened_on": "@today", "text": "线路在运行。"}, "WCCC.CC. .. .... L", "C"),
    "commitment-rate": ("kept", {"commitment_id": "@kept_matter", "grade": "satisfied"}, "WCCC.CW. .. .... L", "C"),
}  # fmt: skip
# The same act with what somebody else is to send.
ALSO: list[tuple[str, str, dict, str]] = [
    ("withdraw", "under_review", {"reason": "情况已经变化。"}, "FC...CW. .. .... L"),
    ("consent", "wanted_back", {"answer": "yes"}, "FC...CCW .. .... L"),
]
# What a page sends beside what the API takes.
BUTTONS = {"edit": {"save": "1"}}
# The page leads to the form with the check, the API hands in; and what only staff write has no place in the JSON of others.
OTHERWISE_IN_API = {
    "submit": "......W. .. .... L", "withdraw": "WC...CF. .. .... L", "consent": "WC...CCF .. .... L",
}  # fmt: skip


def in_api(cells: str) -> str:
    """The letters of a page as the API has them: who acts for no congress is refused, and nobody is led to a log-in."""
    letters = cells.replace(" ", "")
    return "".join(
        "?" if who == "anonymous" else "x" if who in WITHOUT_HAT else letter
        for who, letter in zip(WHO, letters, strict=True)
    )


def acts() -> list[Line]:
    """Every act on the row on which somebody can do it."""
    found = []
    for code, row, body, cells, _ in [*((code, *sent) for code, sent in SENT.items()), *((*line, "") for line in ALSO)]:
        sent = body | {"version": f"@version of {row}"}
        by_api = OTHERWISE_IN_API.get(code, cells) if (code, row, body, cells) not in ALSO else cells
        found.append(Line(f"proposals:{code}", row, sent | BUTTONS.get(code, {}), cells))
        found.append(Line(f"api:proposal-{code}", row, sent, in_api(by_api), is_json=True))
    return found


def abroad() -> list[Line]:
    """Every act on the row of the neighbour, with what would do there: for all but its own staff there is no such row."""
    found = []
    for code, (_, body, _, there) in SENT.items():
        sent = body | {"version": "@version of foreign"}
        cells = "........ .. {}... L"
        found.append(Line(f"proposals:{code}", "foreign", sent | BUTTONS.get(code, {}), cells.format(there[0])))
        found.append(Line(f"api:proposal-{code}", "foreign", sent, in_api(cells.format(there[-1])), is_json=True))
    return found
