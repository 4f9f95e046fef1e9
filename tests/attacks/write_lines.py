"""The lines of the write matrix for the acts on proposals, on the pages and through the API.

A line names an act, the row on which somebody may do it, and what he would send. ``@x`` is the key of the row x.
"""

from tests.attacks.answers import Line

DAY = "2026-03-20"
MEETING = {"meeting": "第二十三次主任会议", "decided_on": DAY}
# What each act is sent, on a row on which somebody's is accepted.
SENT: dict[str, tuple[str, dict]] = {
    "edit": ("draft", {"title": "改过的草稿", "form": "suggestion", "body": "正文", "disclosure": "full"}),
    "submit": ("draft", {"self_checked": True}),
    "invite": ("draft", {"seats": ["@other_seat"]}),
    "cosign": ("invited", {"digest": "@digest", "answer": "yes"}),
    "withdraw": ("under_review", {"reason": "情况已经变化。", "paper_on": DAY}),
    "consent": ("wanted_back", {"answer": "yes", "seat": "@other_seat"}),
    "review": ("under_review", {"outcome": "pass", "category": "@own Category"}),
    "gate": ("under_review", {"gates": ["study"]}),
    "convert": ("under_review", {"reason": "没有列入会议议程。"}),
    "key": ("hidden", MEETING),
    "milestone": ("hidden", {"kind": "progress", "happened_on": DAY, "text": "新增校车 42 辆。"}),
    "oversee": ("hidden", {"kind": "field", "body": "教科文卫委员会", **MEETING}),
    "lift": ("overseen", {"oversight_id": "@oversight", "reason": "已经办好。"}),
    "rectify": ("inspected", {"demand_id": "@demand", "answer": "已经装好护栏。"}),
    "evaluate": ("hidden", {"why": "两次不满意。", "evaluators": "三名代表", "due_on": "2027-06-30", **MEETING}),
    "assign": ("passed", {"lead": "@own Unit"}),
    "distribute": ("at_office", {"lead": "@own Unit"}),
    "return": ("disclosed", {"reason": "不属于本局职责。", "signed_by": "王局长"}),
    "decide-return": ("to_return", {"request_id": "@return_request", "verdict": "refuse", "note": "属于本局职责。"}),
    "reassign": ("disclosed", {"part_id": "@part", "unit": "@police_unit", "reason": "职责调整。"}),
    "extend": ("to_extend", {"wanted_until": "@in 120 days", "reason": "要列入计划。", "signed_by": "王局长"}),
    "decide-extension": ("extending", {"request_id": "@extension", "verdict": "refuse", "note": "请按时办结。"}),
    "opinion": ("assisted", {"body": "可以增设警示标志。"}),
    "send-back": ("opined", {"opinion_id": "@opinion", "reason": "请写明时间。"}),
    "acknowledge": ("hidden", {}),
    "contact": ("disclosed", {"phase": "during", "contacted_on": DAY, "way": "visit", "summary": "上门听取意见。"}),
    "in-person": (
        "disclosed",
        {"held_on": DAY, "place": "县教育局", "unit_people": "王局长", "deputies": "李春梅", "minutes": "已经答复。"},
    ),
    "reply": (
        "to_return",
        {"replied_on": DAY, "document_no": "云教〔2026〕9号", "outcome": "@own OutcomeCategory", "body": "已增加班次。", "disclosure": "full"},
    ),
    "rate": ("replied", {"attitude": "satisfied", "result": "satisfied"}),
    "close-unrated": ("replied", {"note": "已两次提醒。"}),
    "commit": ("replied", {"matter": "新增两条线路", "due_on": "2027-12-31"}),
    "commitment-report": (
        "promised",
        {"commitment_id": "@promised_matter", "kind": "claim", "happened_on": "@today", "text": "两条线路已开通。"},
    ),
    "commitment-verify": ("claimed", {"commitment_id": "@claimed_matter", "agreed": "1"}),
    "commitment-change": ("promised", {"commitment_id": "@promised_matter", "due_on": "2027-12-30", "reason": "工期顺延。"}),
    "look-back": ("kept", {"commitment_id": "@kept_matter", "happened_on": "@today", "text": "线路在运行。"}),
    "commitment-rate": ("kept", {"commitment_id": "@kept_matter", "grade": "satisfied"}),
}  # fmt: skip
#                    staff lead gov unit pol town dep dep2 | adm none foreign comm safe audit | anonymous
ON_PAGES: dict[str, str] = {}
IN_API: dict[str, str] = {}


def acts() -> list[Line]:
    """Every act on the row on which it can be done."""
    found = []
    for code, (row, body) in SENT.items():
        sent = body | {"version": f"@version of {row}"}
        found.append(Line(f"proposals:{code}", row, sent, ON_PAGES.get(code, "")))
        found.append(Line(f"api:proposal-{code}", row, sent, IN_API.get(code, ""), is_json=True))
    return found
