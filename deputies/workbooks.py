"""The form of deputies: the roster of a term."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from bodies.models import Level, Term
from bodies.workbooks import KEPT, CongressForm, Scope, Terms
from deputies.lookup import Identity, PersonBook, SeatBook, birth_month
from deputies.models import ERASED_TEXTS, BirthPrecision, Gender, Person, Seat
from deputies.services import RosterEntry, save_roster
from workbooks.cleaners import Boolean, Choice, Code, Name, Names, PartialDate, PartialDateCleaner, Phone, Text
from workbooks.columns import Column, Counts, register, streamed
from workbooks.importing import Row

LEVELS = Choice(
    *Level.labels,
    aliases={
        "国家": "全国", "省级": "省", "自治区": "省", "直辖市": "省", "市级": "市", "设区的市": "市", "县级": "县",
        "区": "县", "县(市)": "县", "县(市、区)": "县", "乡级": "乡", "镇": "乡", "乡镇": "乡",
    },
)  # fmt: skip
OF_PERSON = (
    "gender", "ethnicity", "native_place", "party", "education", "degree", "post", "occupation", "phone", "address",
    "postcode",
)  # fmt: skip
PRIVATE = ("phone", "address", "postcode", "note")
OF_SEAT = ("elected_by", "certificate_no", "is_reelected", "is_committee_member", "note")
FINENESS = ("", BirthPrecision.YEAR, BirthPrecision.MONTH, BirthPrecision.DAY)


class DeputyForm(CongressForm):
    """代表名册: the deputies of a congress."""

    kind = "deputies"
    title = "代表名册"
    key = ("delegation", "name", "certificate_no")
    columns = (
        Column("姓名", "name", Name(100), required=True, sample="张三"),
        Column("性别", "gender", Choice(*Gender.values), required=True, sample="男"),
        Column("民族", "ethnicity", Name(40), sample="汉族", note=KEPT),
        Column("出生年月", "born", PartialDateCleaner(), sample="1967年3月", note="同一代表团中同名的代表靠它区分"),
        Column("籍贯", "native_place", Name(100), note=KEPT),
        Column("党派", "party", Name(60), alternatives=("政党",), sample="中共", note=KEPT),
        Column("学历", "education", Name(60), sample="本科", note=KEPT),
        Column("学位", "degree", Name(60), note=KEPT),
        Column(
            "工作单位及职务", "post", Text(300, width=36.0), alternatives=("职务",), sample="示例小学校长", note=KEPT
        ),
        Column("职业构成", "occupation", Name(60), note=KEPT),
        Column("层级", "level", LEVELS, sample="县", note="可以不填，填了应当与导入的人大一致"),
        Column("届次", "term", Name(40), note="可以不填，不填为现任一届"),
        Column(
            "选区/选举单位", "elected_by", Text(200), alternatives=("选区", "选举单位"), sample="第一选区", note=KEPT
        ),
        Column("代表团", "delegation", Name(100), required=True, sample="第一代表团", note="系统中没有的自动建立"),
        Column("代表小组", "groups", Names(100), sample="第一代表小组", note="填写的替换原来的小组；" + KEPT),
        Column("代表证号", "certificate_no", Code(40), sample="0001", note="一届之内不重复；" + KEPT),
        Column("手机", "phone", Phone(), sample="13800000000", note="加密保存；" + KEPT),
        Column("通讯地址", "address", Text(200), note="加密保存；" + KEPT),
        Column("邮编", "postcode", Code(10), note=KEPT),
        Column("是否连任", "is_reelected", Boolean(), sample="否", note=KEPT),
        Column("是否常委会组成人员", "is_committee_member", Boolean(), sample="否", note=KEPT),
        Column("备注", "note", Text(2000, lines=True), note=KEPT),
    )

    def resolve(self, rows: Sequence[Row], context: Scope) -> None:
        congress = context.congress
        terms = Terms(congress, today=timezone.localdate())
        level = congress.get_level_display()
        for row in rows:
            if row["level"] and row["level"] != level:
                row.error("level", f"与导入的人大不一致：{congress} 的层级是 {level}")
            row["in_term"] = terms.of(row)
            row["identity"] = _identity(row)
        used = {row["in_term"].pk: row["in_term"] for row in rows}.values()
        book = SeatBook(used, lock=True)
        context.found["alike"] = _alike(rows)
        for row in rows:
            row["seat"] = self._match(row, book)
            _refuse_erased(row)
        self._refuse_taken_certificates(rows, book, context)
        self._find_people(rows, used, context)
        _hint_namesakes(rows, book)

    def _match(self, row: Row, book: SeatBook) -> Seat | None:
        """The stored seat that the row means: by certificate number and name, else by identity."""
        number, term = row["certificate_no"], row["in_term"]
        seat = book.by_certificate.get((term.pk, number)) if number else None
        if seat is not None and seat in book.by_name.get((term.pk, row["name"]), ()):
            return seat
        seats = book.by_identity.get(row["identity"]) or _erased(book, row["identity"])
        if number:
            seats = [seat for seat in seats if not seat.certificate_no]
        if len(seats) > 1:
            row.error("name", f"本代表团有 {len(seats)} 位同名同出生年月的代表，请填写代表证号")
        return seats[0] if len(seats) == 1 else None

    def _refuse_taken_certificates(self, rows: Sequence[Row], book: SeatBook, context: Scope) -> None:
        holder: dict[tuple[int, str], Any] = dict(book.by_certificate)
        for row in rows:
            if not row["certificate_no"]:
                continue
            key = row["in_term"].pk, row["certificate_no"]
            other = holder.setdefault(key, row)
            if other is row or other == row["seat"]:
                continue
            if isinstance(other, Row):
                if self.natural_key(other, context) != self.natural_key(row, context):
                    row.error("certificate_no", f"与单元格 {other.position('certificate_no')} 重复")
            else:
                row.error("certificate_no", f"已经是 {other.person.name}（{other.delegation}）的代表证号")

    def _find_people(self, rows: Sequence[Row], terms: Iterable[Term], context: Scope) -> None:
        """Give new seats to people who are known from another term or level, where there is no doubt who it is."""
        new = [row for row in rows if row["seat"] is None]
        book = PersonBook(sorted({row["name"] for row in new}), terms, context.congress, context.user)
        for row in new:
            row["person"] = book.find(
                name=row["name"], gender=row["gender"], born=row["identity"].born, term=row["in_term"]
            )
        claims = Counter((row["in_term"].pk, row["person"]) for row in new if row["person"])
        for row in new:
            if row["person"] and claims[row["in_term"].pk, row["person"]] > 1:
                row["person"] = None

    def natural_key(self, row: Row, context: Scope) -> Any:
        seat = row["seat"]
        if seat is not None:
            return seat.pk
        return row["identity"], row["certificate_no"] if row["identity"] not in context.found["alike"] else ""

    def key_column(self, row: Row) -> str:
        return "name"

    def apply(self, rows: Sequence[Row], context: Scope) -> Counts:
        return save_roster(entries=[_entry(row) for row in rows])

    def export_rows(self, records: Iterable[Seat]) -> Iterable[dict[str, Any]]:
        if isinstance(records, QuerySet):
            records = records.select_related("person", "delegation", "term__congress").prefetch_related(
                "group_memberships__group"
            )
        for seat in streamed(records):
            person = seat.person
            # The register of another congress is read, but how its deputies are reached is not taken away.
            is_here = getattr(seat, "is_here", True)
            kept_back = () if is_here else PRIVATE
            members = [row for row in seat.group_memberships.all() if row.group.term_id == seat.term_id or not is_here]
            yield {
                "name": person.name,
                "born": PartialDate(person.born_on, person.born_precision) if person.born_on else None,
                "level": seat.term.congress.get_level_display(),
                "term": seat.term.name,
                "delegation": seat.delegation.name,
                "groups": tuple(member.group.name for member in members),
                **{attr: getattr(person, attr) for attr in OF_PERSON},
                **{attr: getattr(seat, attr) for attr in OF_SEAT},
                **dict.fromkeys(kept_back, ""),
            }


def _erased(book: SeatBook, identity: Identity) -> list[Seat]:
    """The seats of people whose birth is known no more, that an old file still knows."""
    return [seat for seat in book.by_identity.get(replace(identity, born=None), []) if seat.person.erased_at]


def _refuse_erased(row: Row) -> None:
    """An old file must not bring back what was erased."""
    if row["seat"] is None or not row["seat"].person.erased_at:
        return
    for attr in ("born", "note", *ERASED_TEXTS):
        if row.get(attr):
            row.error(attr, "此人的个人信息已经按期删除，这一格请留空")


def _identity(row: Row) -> Identity:
    born = row["born"]
    month = birth_month(born.first, born.precision) if born else None
    return Identity(row["in_term"].pk, row["delegation"], row["name"], month)


def _alike(rows: Sequence[Row]) -> set[Identity]:
    """The identities that not every row of the file tells apart by a certificate number."""
    numbers = defaultdict(list)
    for row in rows:
        numbers[row["identity"]].append(row["certificate_no"])
    return {identity for identity, found in numbers.items() if len(found) > 1 and "" in found}


def _hint_namesakes(rows: Sequence[Row], book: SeatBook) -> None:
    """Point at a name that stands twice in one delegation where a missing birth leaves open whether it is one person."""
    groups: dict[tuple, dict[Identity, Row | None]] = defaultdict(dict)
    matched = {row["seat"].pk for row in rows if row["seat"]}
    for identity, seats in book.by_identity.items():
        if any(seat.pk not in matched for seat in seats):
            groups[identity.term_id, identity.delegation, identity.name][identity] = None
    for row in rows:
        identity = row["identity"]
        groups[identity.term_id, identity.delegation, identity.name].setdefault(identity, row)
    for found in groups.values():
        last = [row for row in found.values() if row is not None][-1:]
        if len(found) > 1 and last and any(identity.born is None for identity in found):
            last[0].hint("name", f"本代表团有 {len(found)} 位代表同名，其中有人没有出生年月，请核对是不是同一人")


def _knows_more(person: Person, born: PartialDate) -> bool:
    """Whether the stored birth says what the file says, and the month or day besides."""
    if FINENESS.index(person.born_precision) <= FINENESS.index(born.precision):
        return False
    same_month = born.precision == BirthPrecision.YEAR or person.born_on.month == born.first.month
    return same_month and person.born_on.year == born.first.year


def _entry(row: Row) -> RosterEntry:
    def given(attrs: Iterable[str]) -> dict[str, Any]:
        return {attr: row[attr] for attr in attrs if row[attr] != row.column(attr).empty}

    of_person = given(OF_PERSON)
    person = row["seat"].person if row["seat"] else row.get("person")
    born = row["born"]
    if born and not (person and _knows_more(person, born)):
        of_person |= {"born_on": born.first, "born_precision": born.precision}
    return RosterEntry(
        term=row["in_term"],
        name=row["name"],
        delegation=row["delegation"],
        seat=row["seat"],
        person=row.get("person"),
        of_person=of_person,
        of_seat=given(OF_SEAT),
        groups=row["groups"] or None,
    )


DEPUTIES = register(DeputyForm())
