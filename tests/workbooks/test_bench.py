"""What the bench calls the plain way must do the same work: the same rows in the same tables."""

import pytest
import rustpy_xlsxwriter

from bench import workbooks
from deputies.models import GroupMember, Seat
from duties.models import DutyRecord
from tests import factories as make

OF_PERSON = (
    "name", "gender", "ethnicity", "born_on", "born_precision", "native_place", "party", "education", "degree", "post",
    "occupation", "phone", "address", "postcode",
)  # fmt: skip
OF_SEAT = ("delegation__name", "elected_by", "certificate_no", "is_reelected", "is_committee_member", "note")
OF_RECORD = ("seat__person__name", "done_on", "type__name", "topic", "place", "content", "quantity", "suggestions")


@pytest.mark.django_db
def test_the_plain_way_writes_what_the_import_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "DEPUTIES", 20)
    monkeypatch.setattr(workbooks, "RECORDS", 40)
    deputies, records = str(tmp_path / "deputies.xlsx"), str(tmp_path / "records.xlsx")
    rustpy_xlsxwriter.write_worksheet(workbooks.roster(), deputies)
    rustpy_xlsxwriter.write_worksheet(workbooks.ledger(), records)
    plain, imported = make.TermFactory().congress, make.TermFactory().congress
    workbooks.bare_deputies(deputies, plain.code)
    workbooks.bare_duty_records(records, plain.code)
    workbooks.import_deputies(deputies, imported.code)
    workbooks.import_duty_records(records, imported.code)

    def written(congress):
        seats = Seat.objects.filter(term__congress=congress).order_by("certificate_no")
        members = GroupMember.objects.filter(seat__in=seats).order_by("seat__certificate_no")
        lines = DutyRecord.objects.filter(congress=congress).order_by("topic")
        return (
            list(seats.values_list(*OF_SEAT, *[f"person__{name}" for name in OF_PERSON])),
            list(members.values_list("seat__certificate_no", "group__name")),
            list(lines.values_list(*OF_RECORD, "source")),
        )

    seats, members, lines = written(plain)
    assert (len(seats), len(members), len(lines)) == (20, 20, 40)
    assert written(imported) == (seats, members, lines)
