"""Imports beside a bare read and one bulk insert per table; exports beside django-import-export and the bare writer."""

import datetime as dt
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rustpy_xlsxwriter
from django.db import transaction
from django.utils import timezone
from python_calamine import CalamineWorkbook

from bench import wide
from bench.measure import Cost, cost_of, head, least_of, line
from bodies.models import Congress, Level, Term
from deputies.models import Delegation, DeputyGroup, GroupMember, Person, Seat
from duties.models import DutyRecord, DutyType, Source
from workbooks.columns import get_form
from workbooks.importing import run_import
from workbooks.writing import write_export

DEPUTIES, RECORDS, EXPORTED = 10_000, 20_000, 100_000
FAMILY, GIVEN = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华"


def run(database: str, folder: Path, repeat: int) -> None:
    """Measure everything and print it: each job several times in turns with those beside it, the least of its costs."""
    deputies, records = folder / "deputies.xlsx", folder / "duty_records.xlsx"
    rustpy_xlsxwriter.write_worksheet(roster(), str(deputies))
    rustpy_xlsxwriter.write_worksheet(ledger(), str(records))

    def into_new(job: str, file: Path, *, first: Path | None = None) -> Cost:
        return cost_of("workbooks", database, job, file, congress(database, roster=first))

    def compare(title: str, jobs: dict[str, Callable[[], Cost]]) -> None:
        head(title)
        costs = [[job() for job in jobs.values()] for _ in range(repeat)]
        least = [least_of(runs) for runs in zip(*costs, strict=True)]
        for name, cost in zip(jobs, least, strict=True):
            line(name, cost, least[0])

    compare(
        f"{DEPUTIES} deputies",
        {
            "bare read + one bulk insert per table": lambda: into_new("bare_deputies", deputies),
            "import": lambda: into_new("import_deputies", deputies),
        },
    )
    compare(
        f"{RECORDS} duty records",
        {
            "bare read + one bulk insert per table": lambda: into_new("bare_duty_records", records, first=deputies),
            "import": lambda: into_new("import_duty_records", records, first=deputies),
        },
    )
    cost_of("workbooks", database, "fill_table")
    compare(
        f"{EXPORTED} rows of 20 columns",
        {
            "django-import-export, its xlsx format": lambda: cost_of(
                "workbooks", database, "export_stock", folder / "stock.xlsx"
            ),
            "bare writer (rustpy-xlsxwriter)": lambda: cost_of("workbooks", database, "export_bare", folder / "a.xlsx"),
            "export": lambda: cost_of("workbooks", database, "export_form", folder / "b.xlsx"),
        },
    )


def roster() -> Any:
    """The rows of a register of deputies, as the form wants them."""
    names = ("".join(letters) for letters in itertools.product(FAMILY, GIVEN, GIVEN))
    for number, name in zip(range(DEPUTIES), names, strict=False):
        yield {
            "姓名": name, "性别": "女" if number % 3 else "男", "民族": "汉族", "出生年月": f"{1955 + number % 45}.{1 + number % 12:02}",
            "籍贯": "浙江慈溪", "党派": "中共" if number % 2 else "民进", "学历": "本科", "学位": "学士",
            "工作单位及职务": f"第{number % 700}村党支部书记、村委会主任", "职业构成": "农民",
            "选区/选举单位": f"第{number % 300}选区", "代表团": f"第{number % 100}代表团", "代表小组": f"第{number % 400}代表小组",
            "代表证号": f"{number:05}", "手机": f"138{number:08}", "通讯地址": f"第{number % 700}村{number}号", "邮编": "315300",
            "是否连任": "是" if number % 4 else "否", "是否常委会组成人员": "否", "备注": f"备注{number}",
        }  # fmt: skip


def ledger() -> Any:
    """The rows of a register of duty records of these deputies."""
    names = [row["姓名"] for row in roster()]
    for number in range(RECORDS):
        yield {
            "代表": names[number % DEPUTIES], "日期": str(dt.date(2025, 1, 1) + dt.timedelta(days=number % 365)),
            "类型": ("视察", "调研", "走访", "接待", "培训", "执法检查")[number % 6], "主题": f"第{number}次走访选民、了解村民用水情况",
            "地点": f"第{number % 700}村", "内容": f"听取意见并当场解答，共记录意见 {number % 9} 条，已转有关部门办理。",
            "数量": number % 9, "提出建议数": number % 2, "来源": "代录",
        }  # fmt: skip


def congress(database: str, *, roster: Path | None) -> str:
    """The code of a new congress, with the roster imported if there is one."""
    number = Congress.objects.count()
    made = Congress.objects.create(code=f"B{number}", name=f"第{number}县", level=Level.COUNTY)
    Term.objects.create(congress=made, name="第十八届", starts_on=dt.date(2022, 1, 1), ends_on=dt.date(2027, 12, 31))
    if roster:
        cost_of("workbooks", database, "import_deputies", roster, made.code)
    return made.code


def import_deputies(file: str, code: str) -> None:
    """Import the roster by its form."""
    _import("deputies", file, code)


def import_duty_records(file: str, code: str) -> None:
    """Import the duty records by their form."""
    _import("duty_records", file, code)


def _import(kind: str, file: str, code: str) -> None:
    form = get_form(kind)
    result = run_import(form, file, context=form.make_context(congress_code=code))
    if result.errors:
        sys.exit("\n".join(map(str, result.errors[:5])))


def _read(file: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()[1:]


def bare_deputies(file: str, code: str) -> None:
    """The same rows into the same tables, without a question asked."""
    rows = _read(file)
    term = Term.objects.get(congress__code=code)
    with transaction.atomic():
        delegations = {name: Delegation(term=term, name=name) for name in {row[11] for row in rows}}
        Delegation.objects.bulk_create(delegations.values())
        groups = {name: DeputyGroup(term=term, name=name) for name in {row[12] for row in rows}}
        DeputyGroup.objects.bulk_create(groups.values())
        people = Person.objects.bulk_create(
            Person(
                name=row[0], gender=row[1], ethnicity=row[2], born_on=dt.date(int(row[3][:4]), int(row[3][5:]), 1),
                born_precision="month", native_place=row[4], party=row[5], education=row[6], degree=row[7], post=row[8],
                occupation=row[9], phone=row[14], address=row[15], postcode=row[16],
            )
            for row in rows
        )  # fmt: skip
        seats = Seat.objects.bulk_create(
            Seat(
                person=person, term=term, delegation=delegations[row[11]], elected_by=row[10], certificate_no=row[13],
                is_reelected=row[17] == "是", is_committee_member=row[18] == "是", note=row[19], started_on=term.starts_on,
            )
            for person, row in zip(people, rows, strict=True)
        )  # fmt: skip
        GroupMember.objects.bulk_create(
            GroupMember(seat=seat, group=groups[row[12]]) for seat, row in zip(seats, rows, strict=True)
        )


def bare_duty_records(file: str, code: str) -> None:
    """The same rows into the same tables, deputies taken by their names, without a question asked."""
    rows = _read(file)
    congress = Congress.objects.get(code=code)
    seats = dict(Seat.objects.filter(term__congress=congress).values_list("person__name", "pk"))
    now = timezone.now()
    with transaction.atomic():
        types = {name: DutyType(congress=congress, name=name) for name in {row[2] for row in rows}}
        DutyType.objects.bulk_create(types.values())
        DutyRecord.objects.bulk_create(
            DutyRecord(
                congress=congress, seat_id=seats[row[0]], done_on=dt.date.fromisoformat(row[1]), type=types[row[2]],
                topic=row[3], place=row[4], content=row[5], quantity=int(row[6]), suggestions=int(row[7]),
                source=Source.PROXY, recorded_at=now,
            )
            for row in rows
        )  # fmt: skip


def fill_table() -> None:
    """Create the table that is exported."""
    wide.fill(EXPORTED)


def export_stock(path: str) -> None:
    """Export as django-import-export does out of the box."""
    # Only this job shall carry what the package loads.
    from import_export.formats.base_formats import XLSX
    from import_export.resources import modelresource_factory

    dataset = modelresource_factory(wide.Wide)().export(wide.Wide.objects.order_by("pk"))
    Path(path).write_bytes(XLSX().export_data(dataset))


def export_bare(path: str) -> None:
    """Hand the values of the rows to the writer and nothing else."""
    rustpy_xlsxwriter.write_worksheet(wide.Wide.objects.order_by("pk").values(*wide.ATTRS).iterator(), path)


def export_form(path: str) -> None:
    """Export by a form."""
    write_export(wide.WideForm(), wide.Wide.objects.order_by("pk"), path)
