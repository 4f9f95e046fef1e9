"""The form of handling units, and what every form of a congress has in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from bodies.lookup import UnitBook, nearest
from bodies.models import Congress, Term, Unit
from bodies.unit_services import UnitEntry, save_units
from workbooks.cleaners import Integer, Name, Names, Phone
from workbooks.columns import Column, Counts, Form, ImportRefused, register, streamed

if TYPE_CHECKING:
    from accounts.models import User
    from workbooks.importing import Row

KEPT = "空格不改动系统中已有的内容"
# Beyond this many a sentence names no choices any more.
NAMED_CHOICES = 20


@dataclass
class Scope:
    """Into which congress a file goes and who brings it; ``found`` carries what ``resolve`` looked up to ``apply``."""

    congress: Congress
    user: User | None = None
    found: dict[str, Any] = field(default_factory=dict)


class CongressForm(Form):
    """A form whose rows belong to one congress."""

    def congress_choices(self, user: User) -> Sequence[tuple[str, str]]:
        """The congress that the user acts for; the system administrator has them all."""
        return list(_open_to(user).values_list("code", "name"))

    def make_context(self, *, congress_code: str | None = None, user: User | None = None) -> Scope:
        """Return the scope of an import.

        Without a code it is the congress that the user acts for, or the only one there is. Raises ImportRefused
        when that does not decide it, or the code is not among those open to the user.
        """
        congresses = _open_to(user)
        if congress_code is not None:
            congress = congresses.filter(code=congress_code).first()
            if congress is None:
                msg = f"没有代码为「{congress_code}」的人大，或您不能向它导入；可用的有：{_named(congresses)}"
                raise ImportRefused(msg)
            return Scope(congress, user)
        candidates = list(congresses[:2])
        if not candidates:
            raise ImportRefused("系统中还没有您可以导入的人大，请先用 setup_congress 建立")
        if len(candidates) > 1:
            raise ImportRefused(f"系统中有多个人大，请指明代码：{_named(congresses)}")
        return Scope(candidates[0], user)


def _open_to(user: User | None) -> Any:
    congresses = Congress.objects.order_by("code")
    if user is not None and user.hat is not None:
        return congresses.filter(pk=user.hat.congress_id)
    if user is not None and not user.administers:
        return congresses.none()
    return congresses


def _named(congresses: Iterable[Congress]) -> str:
    names = [f"{congress.code}（{congress.name}）" for congress in congresses[: NAMED_CHOICES + 1]]
    more = "……" if len(names) > NAMED_CHOICES else ""
    return ("、".join(names[:NAMED_CHOICES]) or "无") + more


class Terms:
    """The terms of a congress by name, and the one that an empty cell means. One query."""

    def __init__(self, congress: Congress, *, today: Any) -> None:
        """Raises ImportRefused where the congress has no term."""
        self.all: list[Term] = list(congress.terms.order_by("starts_on"))
        if not self.all:
            raise ImportRefused(f"{congress} 还没有届次，请先用 setup_congress 建立")
        for term in self.all:
            term.congress = congress
        self.by_name = {term.name: term for term in self.all}
        self.default = self.on(today) or self.all[-1]

    def on(self, day: Any) -> Term | None:
        """Return the term in office on a day, or None."""
        return next((term for term in self.all if term.starts_on <= day <= term.ends_on), None)

    def of(self, row: Row, *, day: Any = None) -> Term:
        """Return the term that the row names, or else the one of the day; an unknown name is reported."""
        name = row["term"]
        if name and name not in self.by_name:
            row.error("term", f"没有这一届，只能是 {'、'.join(self.by_name)}")
        if name in self.by_name:
            return self.by_name[name]
        return (self.on(day) if day else None) or self.default


class UnitForm(CongressForm):
    """承办单位: the units that handle suggestions."""

    kind = "units"
    title = "承办单位"
    key = ("name",)
    columns = (
        Column(
            "单位名称", "name", Name(100, width=28.0), required=True, sample="县教育局", note="同名的单位是同一个单位"
        ),
        Column(
            "简称",
            "aliases",
            Names(100),
            alternatives=("别名",),
            sample="教育局",
            note="只增加，不删除系统中已有的简称；与单位名称相同的不记",
        ),
        Column("系统", "system", Name(100), alternatives=("分组",), sample="政府部门", note=KEPT),
        Column("上级单位", "parent", Name(100), note="可以是本表中的单位；" + KEPT),
        Column("联系人", "contact_name", Name(100), sample="王芳", note=KEPT),
        Column("联系电话", "contact_phone", Phone(), sample="0551-12345678", note="加密保存；" + KEPT),
        Column("排序", "sort", Integer(-1_000_000, 1_000_000), sample=100, note="大的在前；" + KEPT),
    )
    own = ("system", "contact_name", "contact_phone", "sort")

    def resolve(self, rows: Sequence[Row], context: Scope) -> None:
        book = UnitBook(context.congress, lock=True)
        in_file = {row["name"]: row for row in rows}
        owner_of = {alias: unit.name for alias, unit in book.by_alias.items()}
        for row in rows:
            name = row["name"]
            row["unit"] = book.by_name.get(name)
            if name in book.by_alias and row["unit"] is None:
                row.error("name", f"已经是「{book.by_alias[name]}」的简称，请改用单位名称")
            row["new_aliases"] = []
            for alias in row["aliases"].within(book.by_alias):
                if alias == name:
                    continue
                owner = owner_of.setdefault(alias, name)
                if alias in in_file or alias in book.by_name:
                    row.error("aliases", f"「{alias}」是另一个单位的名称，不能再作简称")
                elif owner != name and not (row["unit"] and owner == row["unit"].name):
                    row.error("aliases", f"「{alias}」已经是「{owner}」的简称")
                elif alias not in book.by_alias:
                    row["new_aliases"].append(alias)
        normal = {unit.pk: name for name, unit in book.by_name.items()}
        above = {name: normal.get(unit.parent_id) for name, unit in book.by_name.items()}
        for row in rows:
            row["above"] = self._parent_of(row, book, in_file, owner_of)
            if row["above"] is not None:
                above[row["name"]] = row["parent_name"]
        for row in rows:
            if row["above"] is not None and _is_below_itself(row["name"], above):
                row.error("parent", "单位之间互为上级，请核对")

    def _parent_of(
        self, row: Row, book: UnitBook, in_file: dict[str, Row], owner_of: dict[str, str]
    ) -> str | Unit | None:
        name = row["parent"]
        if not name:
            return None
        if name not in in_file and name not in book.by_name:
            name = owner_of.get(name, name)
        row["parent_name"] = name
        if name == row["name"]:
            row.error("parent", "上级单位不能是本单位")
        elif name in in_file:
            return name
        elif name in book.by_name:
            return book.by_name[name]
        else:
            near = nearest(name, [*in_file, *book.by_name])
            row.error("parent", "不认识这个单位" + (f"：是不是 {'、'.join(near)}？" if near else ""))
        return None

    def apply(self, rows: Sequence[Row], context: Scope) -> Counts:
        entries = [
            UnitEntry(
                name=row["name"],
                unit=row["unit"],
                values={attr: row[attr] for attr in self.own if row[attr] != row.column(attr).empty},
                aliases=row["new_aliases"],
                parent=row["above"],
            )
            for row in rows
        ]
        return save_units(congress=context.congress, entries=entries)

    def export_rows(self, records: Iterable[Unit]) -> Iterable[dict[str, Any]]:
        if isinstance(records, QuerySet):
            records = records.select_related("parent").prefetch_related("aliases")
        for unit in streamed(records):
            yield {
                "name": unit.name,
                "aliases": tuple(alias.alias for alias in unit.aliases.all()),
                "parent": unit.parent.name if unit.parent else "",
                **{attr: getattr(unit, attr) for attr in self.own},
            }


def _is_below_itself(name: str, above: dict[str, str | None]) -> bool:
    seen, at = {name}, above.get(name)
    while at:
        if at == name:
            return True
        if at in seen:
            return False
        seen.add(at)
        at = above.get(at)
    return False


UNITS = register(UnitForm())
