"""Every export says in its last row, and below every printed page, who took it away and when."""

import io
import zipfile

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import Registers, registers  # noqa: F401
from tests.factories import at
from tests.world import World, world  # noqa: F401

WHO = "张志强（staff） 云溪县 代表工委 2026-03-09 10:00 导出"


@pytest.mark.parametrize(
    "address",
    ["admin:bodies_unit_export", "admin:deputies_seat_export", "admin:duties_dutyrecord_export", "proposals:export"],
)
def test_the_last_row_and_the_footer_name_who_took_it(registers: Registers, address: str) -> None:  # noqa: F811
    with time_machine.travel(at(2026, 3, 9), tick=False):
        response = registers.client("staff").get(reverse(address))
    content = b"".join(response.streaming_content)
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    *data, last = rows[1:]
    assert last[0] == f"【导出记录】{WHO}，共 {len(data)} 条"
    assert set(last[1:]) == {None}
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert f"&amp;R{WHO}" in sheet


def test_nobody_is_named_where_nothing_can_be_taken(client: Client, world: World) -> None:  # noqa: F811
    client.force_login(world.leader)
    response = client.get(reverse("admin:deputies_seat_export"))
    assert (response.status_code, "导出记录" in response.content.decode()) == (403, False)
