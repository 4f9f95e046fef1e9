"""The lines of the matrix for the API: what each address answers to GET, role by role."""

from proposals.acts import ACTS

Line = tuple
#           staff lead gov  unit pol  town dep  dep2 adm  none foreign comm safe audit
OFFICE = (200, 200, 403, 403, 403, 403, 403, 403, 403, 403, 200, 403, 403, 403)
SHARED = (200, 200, 403, 403, 403, 403, 403, 403, 200, 403, 200, 403, 403, 403)
BODIES = (200, 200, 403, 403, 403, 403, 403, 403, 200, 403, 200, 403, 200, 403)
ACTING = (200, 200, 200, 200, 200, 200, 200, 200, 403, 403, 200, 200, 403, 403)
EVERYBODY = (200,) * 14
KEEPERS = (200, 403, 403, 403, 403, 403, 403, 403, 200, 403, 200, 403, 200, 403)
PROMISES = (200, 200, 200, 200, 200, 403, 403, 403, 403, 403, 200, 403, 403, 403)
WITH_UNITS = (200, 200, 403, 200, 200, 403, 403, 403, 403, 403, 200, 403, 403, 403)
POST_ONLY = (405,) * 14


def seen(line: tuple[int, ...], own: str = "", foreign: str = "") -> tuple[int, ...]:
    """The answers for one row: 404 in the place of 200 for those who may read the register, but not this row.

    ``own`` and ``foreign`` name the places of those who see it, as digits of the roles above.
    """
    return tuple(
        404 if status == 200 and format(place, "x") not in own + foreign else status
        for place, status in enumerate(line)
    )


OUR_STAFF, THEIR_STAFF, ADMINISTRATOR, ADMINISTRATORS = "01", "a", "8", "8c"


def register(name: str, line: tuple[int, ...], model: str = "", *, to_all: str = "") -> list[Line]:
    """The lines of a register: its list, a row of the county, a row of the neighbour, a row that is not there."""
    found: list[Line] = [(f"api:{name}-list", "", *line), (f"api:{name}-detail", "none", *seen(line))]
    if model:
        found.append((f"api:{name}-detail", f"own {model}", *seen(line, OUR_STAFF + to_all)))
        found.append((f"api:{name}-detail", f"foreign {model}", *seen(line, THEIR_STAFF + to_all)))
    return found


API: list[Line] = [
    ("api:proposals-list",     "",             *ACTING),
    ("api:proposals-detail",   "draft",        404, 404, 404, 404, 404, 404, 200, 404, 403, 403, 404, 404, 403, 403),
    ("api:proposals-detail",   "under_review", 200, 200, 404, 404, 404, 200, 200, 404, 403, 403, 404, 404, 403, 403),
    ("api:proposals-detail",   "returned",     200, 200, 404, 404, 404, 200, 200, 404, 403, 403, 404, 404, 403, 403),
    ("api:proposals-detail",   "hidden",       200, 200, 200, 200, 404, 200, 200, 404, 403, 403, 404, 404, 403, 403),
    ("api:proposals-detail",   "disclosed",    200, 200, 200, 200, 404, 200, 200, 200, 403, 403, 404, 200, 403, 403),
    ("api:proposals-detail",   "foreign",      404, 404, 404, 404, 404, 404, 404, 404, 403, 403, 200, 404, 403, 403),
    ("api:proposals-detail",   "foreign_draft", 404, 404, 404, 404, 404, 404, 404, 404, 403, 403, 404, 404, 403, 403),
    *((f"api:proposal-{code}", "disclosed",    405, 405, 405, 405, 405, 405, 405, 405, 403, 403, 405, 405, 403, 403) for code in ACTS),
    *register("todo", ACTING),
    *register("messages", EVERYBODY),
    ("api:messages-detail",    "message",      200, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("api:messages-detail",    "f_message",    404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    *register("rating-rounds", ACTING),
    ("api:rating-rounds-detail", "rating",     200, 200, 404, 404, 404, 404, 200, 404, 403, 403, 404, 404, 403, 403),
    *register("users", KEEPERS, "User", to_all=ADMINISTRATORS),
    *register("congresses", BODIES, "Congress", to_all=ADMINISTRATORS),
    *register("terms", SHARED, "Term", to_all=ADMINISTRATOR),
    *register("sessions", SHARED),
    *register("units", BODIES, "Unit", to_all=ADMINISTRATORS),
    *register("committees", BODIES, "Committee", to_all=ADMINISTRATORS),
    *register("meetings", OFFICE, "Meeting"),
    *register("townships", OFFICE, "Township"),
    *register("people", OFFICE, "Person"),
    *register("seats", OFFICE, "Seat"),
    *register("delegations", OFFICE, "Delegation"),
    *register("groups", OFFICE, "DeputyGroup"),
    *register("duty-records", OFFICE, "DutyRecord"),
    *register("duty-types", OFFICE, "DutyType"),
    *register("training-classes", OFFICE, "TrainingClass"),
    *register("stations", OFFICE, "Station"),
    *register("receptions", OFFICE, "Reception"),
    *register("opinions", OFFICE, "OpinionItem"),
    *register("appointments", OFFICE, "Appointment"),
    *register("obligations", OFFICE, "Obligation"),
    *register("events", OFFICE, "Event"),
    *register("notices", OFFICE, "Notice"),
    *register("digests", OFFICE, "Digest"),
    *register("notice-texts", OFFICE, "NoticeText"),
    *register("categories", OFFICE, "Category"),
    *register("outcome-categories", OFFICE, "OutcomeCategory"),
    *register("arrangements", OFFICE, "Arrangement"),
    *register("handling-rules", SHARED, "HandlingRules", to_all=ADMINISTRATOR),
    *register("procedures", SHARED, "Procedure", to_all=ADMINISTRATOR),
    *register("calendar-years", SHARED),
    ("api:calendar-years-detail", "own CalendarYear", *SHARED),
    *register("calendar-days", SHARED),
    ("api:calendar-days-detail", "own CalendarDay", *SHARED),
    *register("commitments", PROMISES),
    *register("oversights", OFFICE),
    *register("inspections", OFFICE),
    *register("evaluations", OFFICE),
    *register("rectifications", WITH_UNITS),
    *register("scoring-schemes", WITH_UNITS),
]  # fmt: skip
# Pages for people: who is not logged in is led to the log-in.
API_PAGES: list[Line] = [
    ("api:manual",    "",     *EVERYBODY),
    ("api:schema",    "",     *EVERYBODY),
    ("tokens:list",   "",     200, 200, 200, 200, 200, 200, 200, 200, 404, 404, 200, 200, 404, 404),
    ("tokens:revoke", "none", *POST_ONLY),
]  # fmt: skip
