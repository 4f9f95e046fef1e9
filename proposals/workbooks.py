"""The form of suggestions and bills, with the history of their handling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils import timezone

from bodies.lookup import UnitBook
from bodies.models import Session
from bodies.workbooks import KEPT, CongressForm, Scope, Terms
from deputies.cells import DeputyFinder, DeputyNames
from proposals.documents import normalise_document_no
from proposals.histories import History, history_of, with_history
from proposals.models import (
    Disclosure,
    Grade,
    OutcomeCategory,
    Period,
    Proposal,
    ProposalKind,
    ReviewResult,
)
from proposals.services import install_procedures, prepare_term
from proposals.services.importing import ProposalEntry, import_proposals, lock_sessions
from workbooks.cells import compact
from workbooks.cleaners import Choice, Date, DocumentNumber, Integer, Name, Names, Text
from workbooks.columns import Column, Counts, register, streamed

if TYPE_CHECKING:
    from workbooks.importing import Row

DOCUMENT_NO_LENGTH = 60
GRADES = Choice(*Grade.labels, aliases={"表示满意": "满意", "未评价": "未表态"})
LABELS = {
    "form": ProposalKind,
    "period": Period,
    "review_result": ReviewResult,
    "attitude": Grade,
    "result": Grade,
}
# A cell of these says what became of the assignment, or of the reply: without it the cell would hang in the air.
NEED_UNIT = ("assist_units", "assigned_on", "replied_on")
NEED_REPLY = ("document_no", "outcome", "attitude", "result")


class ProposalForm(CongressForm):
    """建议议案: suggestions and bills as an office's own list tells them."""

    kind = "proposals"
    title = "建议议案"
    key = ("title", "number")
    repeats = ("title",)
    columns = (
        Column("届次", "term", Name(40), note="可以不填，不填为提出日期所在的一届"),
        Column("会次", "session", Name(40), note="可以不填，不填为提出日期的年份；系统中没有的自动建立"),
        Column("编号", "number", Integer(1, 1_000_000), note="一次会议之内不重复；没有编号的按标题和领衔代表识别"),
        Column(
            "标题",
            "title",
            Text(200, width=40.0),
            required=True,
            alternatives=("案由",),
            sample="关于（示例，请覆盖）的建议",
        ),
        Column("类型", "form", Choice(*ProposalKind.labels), sample="建议", note="不填为建议"),
        Column("类别", "category", Name(60), sample="教科文卫", note="系统中没有的自动建立；" + KEPT),
        Column("性质", "nature", Name(40), sample="当年", note=KEPT),
        Column("提出时期", "period", Choice(*Period.labels), sample="大会期间", note="不填为闭会期间"),
        Column("公开属性", "disclosure", Text(40), sample="同意全文公开", note="不填或认不出的按仅公开标题处理"),
        Column("提出日期", "submitted_on", Date(), required=True, sample="2017-04-14"),
        Column("审查结论", "review_result", Choice(*ReviewResult.labels), sample="立案", note=KEPT),
        Column("领衔代表", "lead", Name(100), required=True, sample="张三", note="姓名或代表证号，应当已在代表名册中"),
        Column("代表团", "delegation", Name(100), sample="第一代表团", note="用来区分同名的代表"),
        Column("附议人数", "cosigner_count", Integer(0, 100_000), sample=2, note="包括列出姓名的；" + KEPT),
        Column("附议代表", "cosigners", Names(100), sample="李四、王五", note="填写的替换原来的；" + KEPT),
        Column("主办单位", "lead_units", Names(100), sample="县教育局", note="填写几个的为分办；" + KEPT),
        Column("协办单位", "assist_units", Names(100), note="填写的替换原来的；" + KEPT),
        Column("交办日期", "assigned_on", Date(), note="答复期限从这一天起算，不填从提出日期起算"),
        Column("答复日期", "replied_on", Date(), sample="2017-07-10", note=KEPT),
        Column("答复文号", "document_no", DocumentNumber(DOCUMENT_NO_LENGTH), note=KEPT),
        Column("办理结果", "outcome", Text(60), sample="A", note="本届办理结果分类的代码或名称；" + KEPT),
        Column("办理态度评价", "attitude", GRADES, note=KEPT),
        Column("办理结果评价", "result", GRADES, note="评价过的为办结；" + KEPT),
        Column("正文", "body", Text(30_000, lines=True), note=KEPT),
    )

    def resolve(self, rows: Sequence[Row], context: Scope) -> None:
        congress = context.congress
        install_procedures()
        self._find_sessions(rows, Terms(congress, today=timezone.localdate()))
        units = UnitBook(congress)
        used = {row["in_term"].pk: row["in_term"] for row in rows}.values()
        for term in used:
            prepare_term(term=term)
        deputies = DeputyFinder(congress, used, beside=False)
        outcomes = _outcomes(OutcomeCategory.objects.filter(term__in=used))
        for row in rows:
            row["told"] = self._told(row, units, deputies, outcomes)
            _refuse_what_hangs_in_the_air(row)
            _hint_at_dates(row)
        self._match(rows)

    def _find_sessions(self, rows: Sequence[Row], terms: Terms) -> None:
        """Say to which session each row belongs, and keep the known ones as they are; the rest is made when writing."""
        for row in rows:
            row["in_term"] = terms.of(row, day=row["submitted_on"])
            row["session_name"] = row["session"] or str(row["submitted_on"].year)
        used = {row["in_term"].pk for row in rows}
        found = {(session.term_id, session.name): session for session in Session.objects.filter(term__in=used)}
        for row in rows:
            key = row["in_term"].pk, row["session_name"]
            if key not in found:
                found[key] = Session.objects.get_or_create(term=row["in_term"], name=row["session_name"])[0]
            row["in_session"] = found[key]
        lock_sessions({row["in_session"] for row in rows})

    def _told(
        self, row: Row, units: UnitBook, deputies: DeputyFinder, outcomes: dict[tuple[int, str], Any]
    ) -> dict[str, Any]:
        """What the row tells of its proposal, by the attributes of ``History``; empty cells tell nothing."""
        term = row["in_term"]
        told: dict[str, Any] = {"session": row["in_session"]}
        for attr in ("number", "title", "category", "nature", "submitted_on", "assigned_on", "replied_on", "body"):
            told[attr] = row[attr]
        for attr, choices in LABELS.items():
            told[attr] = dict(zip(choices.labels, choices.values, strict=True)).get(row[attr])
        told["disclosure"] = _disclosure(row["disclosure"])
        if row["disclosure"] and not told["disclosure"]:
            row.hint("disclosure", f"认不出，没有采用；可以填 {'、'.join(Disclosure.labels)}")
        told["document_no"] = normalise_document_no(row["document_no"])
        if len(told["document_no"]) > DOCUMENT_NO_LENGTH:
            row.error("document_no", f"最多 {DOCUMENT_NO_LENGTH} 个字")
        told["outcome"] = outcomes.get((term.pk, compact(row["outcome"]).upper()))
        if row["outcome"] and told["outcome"] is None:
            known = dict.fromkeys(str(category) for (term_id, _), category in outcomes.items() if term_id == term.pk)
            row.error("outcome", f"本届没有这个办理结果，只能是 {'、'.join(known)}")
        told["lead"] = deputies.one(row, "lead", row["lead"], term, delegation=row["delegation"])
        told["cosigners"] = deputies.several(row, "cosigners", term)
        for attr in ("lead_units", "assist_units"):
            told[attr] = self._units(row, attr, units)
        if both := set(told["lead_units"]) & set(told["assist_units"]):
            row.error("assist_units", f"{'、'.join(map(str, both))} 已是主办单位，不能又是协办单位")
        if row["cosigner_count"] is not None:
            told["cosigner_count"] = max(row["cosigner_count"], len(told["cosigners"]))
            if row["cosigner_count"] < len(told["cosigners"]):
                row.hint(
                    "cosigner_count", f"少于列出姓名的 {len(told['cosigners'])} 人，按 {len(told['cosigners'])} 人记"
                )
        return {attr: value for attr, value in told.items() if value not in (None, "", ())}

    def _units(self, row: Row, attr: str, units: UnitBook) -> tuple[Any, ...]:
        names = row[attr].within(units)
        unknown = [name for name in names if name not in units]
        if unknown:
            row.error(attr, units.unknown_message(unknown), value=unknown[0])
        found = (units.find(name) for name in names)
        return tuple({unit.pk: unit for unit in found if unit}.values())

    def _match(self, rows: Sequence[Row]) -> None:
        """Find the stored proposal of each row, and what the row would change in it."""
        proposals = Proposal.objects.filter(session__in={row["in_session"] for row in rows}, submitted_on__isnull=False)
        by_number: dict[tuple[int, int], Proposal] = {}
        by_title: dict[tuple[int, str, int], list[Proposal]] = defaultdict(list)
        for proposal in with_history(proposals.order_by("pk")):
            if proposal.number is not None:
                by_number[proposal.session_id, proposal.number] = proposal
            by_title[proposal.session_id, proposal.title, proposal.lead_id].append(proposal)
        for row in rows:
            told, session = row["told"], row["in_session"]
            alike = by_title.get((session.pk, row["title"], told["lead"].pk), []) if "lead" in told else []
            if row["number"] is not None:
                stored = by_number.get((session.pk, row["number"]))
            else:
                unnumbered = [proposal for proposal in alike if proposal.number is None]
                stored = next(iter(unnumbered or alike), None)
            row["stored"], row["changed"] = stored, ()
            if stored is not None:
                self._compare(row, stored)
            elif alike:
                numbers = "、".join(proposal.display_no or "未编号的" for proposal in alike)
                row.hint("title", f"系统中已有标题和领衔代表相同的建议（{numbers}），请核对是不是重复")

    def _compare(self, row: Row, stored: Proposal) -> None:
        history = history_of(stored)
        differing = set(history.differing(row["told"]))
        changed = [column.header for column in self.columns if column.attr in differing]
        if changed and (stored.was_handled or not stored.is_imported):
            row.hint(
                "title",
                f"本件已在系统中办理，表中不同的{'、'.join(changed)}没有写入；确需修改的请在系统中办理",
            )
            changed = []
        row["changed"], row["history"] = changed, history

    def natural_key(self, row: Row, context: Scope) -> Any:
        if row["number"] is not None:
            return row["in_session"].pk, row["number"]
        return row["in_session"].pk, row["title"], row["lead"]

    def key_column(self, row: Row) -> str:
        return "number" if row["number"] is not None else "title"

    def apply(self, rows: Sequence[Row], context: Scope) -> Counts:
        entries = []
        for row in rows:
            told = row["told"]
            history = row["history"].with_told(told) if row["stored"] else History(**told)
            entries.append(ProposalEntry(history, row["stored"], row["changed"]))
        return import_proposals(congress=context.congress, entries=entries, user=context.user, now=timezone.now())

    def export_rows(self, records: Iterable[Proposal]) -> Iterable[dict[str, Any]]:
        if isinstance(records, QuerySet):
            records = with_history(records)
        names = None
        for proposal in streamed(records):
            history = history_of(proposal)
            names = names or DeputyNames(proposal.congress)
            yield {
                "term": history.session.term.name,
                "session": history.session.name,
                "disclosure": Disclosure(history.disclosure).label,
                "lead": names.of(history.lead),
                "delegation": history.lead.delegation.name,
                "outcome": history.outcome.code if history.outcome else "",
                "cosigners": tuple(names.of(seat) for seat in history.cosigners),
                **{
                    attr: tuple(unit.name for unit in getattr(history, attr)) for attr in ("lead_units", "assist_units")
                },
                **{attr: _label(attr, getattr(history, attr)) for attr in LABELS},
                **{attr: getattr(history, attr) for attr in PLAIN},
            }


PLAIN = (
    "number", "title", "category", "nature", "submitted_on", "cosigner_count", "assigned_on", "replied_on",
    "document_no", "body",
)  # fmt: skip


def _label(attr: str, value: str) -> str:
    return LABELS[attr](value).label if value else ""


def _outcomes(categories: Iterable[OutcomeCategory]) -> dict[tuple[int, str], OutcomeCategory]:
    """The outcome categories by term and by every way in which files write them: A, A类, 已经解决, A 已经解决."""
    found = {}
    for category in categories:
        code, name = category.code, category.name
        for text in (
            name,
            f"{code}类",
            f"{code}{name}",
            f"{code}类{name}",
            f"{code}类({name})",
            f"{code}({name})",
            code,
        ):
            found[category.term_id, compact(text).upper()] = category
    return found


def _disclosure(text: str) -> str | None:
    """What a free text says of disclosure; what is not plainly a consent to the whole text is not taken for one."""
    text = compact(text)
    for label, value in zip(Disclosure.labels, Disclosure.values, strict=True):
        if text == label:
            return value
    if any(word in text for word in ("不公开", "不同意", "不予公开", "不宜公开")) or text == "否":
        return Disclosure.NONE
    if "标题" in text or "部分" in text:
        return Disclosure.TITLE
    return Disclosure.FULL if text in {"公开", "全文公开", "同意公开", "可以公开", "是", "主动公开"} else None


def _refuse_what_hangs_in_the_air(row: Row) -> None:
    if not row["lead_units"] and row.ok("lead_units"):
        for attr in NEED_UNIT:
            if row[attr]:
                row.error(attr, f"填了{row.column(attr).header}，请同时填写主办单位")
    if row["replied_on"] is None and row.ok("replied_on"):
        for attr in NEED_REPLY:
            if row[attr]:
                row.error(attr, f"填了{row.column(attr).header}，请同时填写答复日期")


def _hint_at_dates(row: Row) -> None:
    start = row["assigned_on"] or row["submitted_on"]
    if row["assigned_on"] and row["assigned_on"] < row["submitted_on"]:
        row.hint("assigned_on", "早于提出日期，请核对")
    if row["replied_on"] and row["replied_on"] < start:
        row.hint("replied_on", f"早于{'交办' if row['assigned_on'] else '提出'}日期，请核对")


PROPOSALS = register(ProposalForm())
