"""Input that nobody types by accident: it is refused in words or taken as it is, and never ends in an error page."""

import uuid

import pytest
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.urls import reverse

from accounts.models import Membership, User
from bodies.models import Unit
from casework.models import Procedure
from deputies.models import DeputyGroup, GroupMember, Person, Seat
from proposals import services
from proposals.models import Proposal
from tests.admin.conftest import url
from tests.attacks.conftest import Browser, Realm, start
from tests.factories import at

# One of these becomes 18 characters when it is brought to its normal form, another four.
GROWS, KABUSHIKI = "\ufdfa", "\u337f"
DRAFT = {"title": "甲", "body": "乙", "form": "suggestion", "disclosure": "full", "save": "1"}


def post(client: Browser, name: str, row: Proposal, **data: object) -> int:
    version = Proposal.objects.get(pk=row.pk).version
    return client.post(reverse(f"proposals:{name}", args=[row.pk]), {"version": version} | data).status_code


def test_document_number_that_grows_when_it_is_normalised(realm: Realm) -> None:
    data = {"replied_on": "2026-03-07", "outcome": realm.world.outcomes["A"].pk, "body": "已办。"}
    assert post(realm.client("unit"), "reply", realm.disclosed, document_no=KABUSHIKI * 60, **data) == 422


def test_longest_names_of_actor_and_unit_fit_into_history(realm: Realm) -> None:
    User.objects.filter(pk=realm.world.unit_user.pk).update(name="买" * 100)
    Unit.objects.filter(pk=realm.world.education.pk).update(name="局" * 100)
    assert post(realm.client("unit"), "acknowledge", realm.hidden) == 302


def test_key_of_another_deputys_form(realm: Realm) -> None:
    key = Proposal.objects.get(pk=realm.draft.pk).request_key
    response = realm.client("other_deputy").post(reverse("proposals:new"), DRAFT | {"request_key": key})
    assert response.status_code in (302, 409, 422)
    autosaved = realm.client("other_deputy").post(reverse("proposals:autosave-new"), DRAFT | {"request_key": key})
    assert autosaved.status_code in (200, 422)


def test_back_button_after_handing_in_does_not_swallow_the_next_text(realm: Realm) -> None:
    """The browser shows the old page with its old key; what is typed there is new."""
    client, key = realm.client("deputy"), uuid.uuid4()
    data = {"body": "乙", "form": "suggestion", "disclosure": "full", "request_key": key, "self_checked": "on"}
    assert client.post(reverse("proposals:new"), data | {"title": "头一件"}).status_code == 302
    response = client.post(reverse("proposals:new"), data | {"title": "第二件,机密", "body": "新写的正文"}, follow=True)
    kept = Proposal.objects.filter(title="第二件,机密", body="新写的正文").exists()
    assert kept or "新写的正文" in response.content.decode()


def test_autosave_under_a_used_key_does_not_claim_to_have_saved(realm: Realm) -> None:
    client, key = realm.client("deputy"), uuid.uuid4()
    data = {"body": "乙", "form": "suggestion", "disclosure": "full", "request_key": key, "self_checked": "on"}
    client.post(reverse("proposals:new"), data | {"title": "头一件"})
    response = client.post(reverse("proposals:autosave-new"), data | {"title": "第二件", "body": "新写的正文"})
    kept = Proposal.objects.filter(body="新写的正文").exists()
    assert kept or response.status_code == 422


def test_closed_case_under_another_procedure_has_no_review_to_show(realm: Realm) -> None:
    spare = Procedure.objects.get(code="spare")
    Proposal.objects.filter(pk=realm.disclosed.pk).update(
        procedure=spare, step=None, status="closed", closed_as="done", closed_at=at(2026, 4, 1)
    )
    for method in ("get", "post"):
        response = getattr(realm.client("staff"), method)(reverse("proposals:review", args=[realm.disclosed.pk]))
        assert response.status_code == 409


@pytest.mark.parametrize("query", ["p=99999", "term__id__exact=abc", "o=x.y", "e=1", "status__exact=%00", "nonsense=1"])
def test_export_with_a_query_that_the_list_refuses(realm: Realm, query: str) -> None:
    congress = realm.world.congress
    Unit.objects.bulk_create(Unit(congress=congress, name=f"单位{n}") for n in range(60))
    for model in (Seat, Unit, Proposal):
        assert realm.client("staff").get(f"{url(model, 'export')}?{query}").status_code < 500, model


def test_seat_form_with_a_group_left_out(realm: Realm) -> None:
    seat = realm.world.seat
    member = GroupMember.objects.create(group=DeputyGroup.objects.get(name="城关小组"), seat=seat)
    data = {
        "term": seat.term_id, "delegation": seat.delegation_id, "status": "in_office", "started_on": "2022-01-01",
        "group_memberships-TOTAL_FORMS": 2, "group_memberships-INITIAL_FORMS": 1,
        "group_memberships-0-id": member.pk, "group_memberships-0-seat": seat.pk, "group_memberships-0-group": "",
        "group_memberships-0-office": "leader",
        "group_memberships-1-seat": seat.pk, "group_memberships-1-group": "", "group_memberships-1-office": "leader",
    }  # fmt: skip
    assert realm.client("staff").post(url(Seat, "change", seat.pk), data).status_code == 200


def test_forged_rows_of_other_accounts_change_nothing(realm: Realm) -> None:
    theirs = Membership.objects.get(user=realm.world.stranger)
    data = {
        "username": "unit", "name": "孙丽", "is_active": "on", "administers": "system", "is_staff": "on",
        "memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 1,
        "memberships-0-id": theirs.pk, "memberships-0-user": realm.world.unit_user.pk, "memberships-0-role": "staff",
        "memberships-0-congress": realm.world.congress.pk,
    }  # fmt: skip
    assert realm.client("staff").post(url(User, "change", realm.world.unit_user.pk), data).status_code < 500
    theirs.refresh_from_db()
    assert (theirs.user, theirs.congress) == (realm.world.stranger, realm.world.foreign_congress)
    assert not User.objects.get(pk=realm.world.unit_user.pk).administers


@pytest.mark.parametrize("key", ["%00", "abc", "9" * 30, "9" * 5000, "%ED%A0%80", "🙂", "..%2f..", "_5F", "%0d%0aX:1"])
def test_keys_in_addresses_of_the_admin(realm: Realm, key: str) -> None:
    client = realm.client("staff")
    types = [ContentType.objects.get_for_model(model).pk for model in (Session, Proposal, User)]
    addresses = [f"/admin/r/{kind}/{key}/" for kind in [*types, key]]
    addresses += [f"/admin/{path}/{key}/{page}" for path in ("bodies/unit", "accounts/user", "casework/event")
                  for page in ("", "change/", "delete/", "history/", "password/")]  # fmt: skip
    addresses += [f"/admin/bodies/unit/?_to_field={key}", f"/admin/bodies/unit/?{key}={key}", f"/admin/{key}/",
                  f"/admin/autocomplete/?app_label={key}&model_name=x&field_name=y",
                  f"/admin/autocomplete/?app_label=deputies&model_name=seat&field_name={key}",
                  f"/admin/autocomplete/?app_label=deputies&model_name=seat&field_name=person&page={key}&term={key}",
                  f"/proposals/{key}/", f"/deputies/{key}/", f"/reports/{key}/", f"/reports/2026/{key}/",
                  f"/reports/{key}/annual.xlsx", f"/notices/{key}/open/", f"/?{key}={key}"]  # fmt: skip
    assert [a for a in addresses if client.get(a).status_code >= 500] == []


@pytest.mark.parametrize("name", ["large_type", "casework:urge"])
@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example/", "///evil.example", "http:evil.example", "\nhttps://evil.example",
     "javascript:alert(1)", "/x\r\nSet-Cookie: a=b", "/" + "a" * 100_000, "", "\x00", "https://testserver@evil.example/"],
)  # fmt: skip
def test_way_back_never_leads_outside(realm: Realm, name: str, target: str) -> None:
    args = [realm.obligation.pk] if name == "casework:urge" else []
    response = realm.client("leader").post(reverse(name, args=args), {"next": target})
    assert response.status_code < 500
    where = response.headers.get("Location", "/")
    assert where.startswith("/")
    assert not where.startswith(("//", "/\\"))
    assert "\n" not in where
    assert "a" not in response.cookies


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_log_in_and_out_never_lead_outside(realm: Realm, target: str) -> None:
    user = User.objects.get(username="staff")
    user.set_password("云溪之水天上来9")
    user.save()
    for address in ("/accounts/login/", "/admin/login/"):
        client = Browser()
        response = client.get(address, {"next": target}, follow=True)
        response = client.post(response.request["PATH_INFO"] + "?" + response.request["QUERY_STRING"],
                               {"login": "staff", "password": "云溪之水天上来9", "next": target})  # fmt: skip
        assert (response.status_code, response["Location"]) == (302, "/"), address
        for again in (address, "/accounts/logout/", "/accounts/reauthenticate/"):
            where = client.get(again, {"next": target}).headers.get("Location", "/")
            assert where.startswith("/")
            assert not where.startswith(("//", "/\\"))


def test_session_changes_its_key_at_log_in_and_dies_with_the_account(realm: Realm) -> None:
    user = User.objects.get(username="staff")
    user.set_password("云溪之水天上来9")
    user.save()
    client = Browser()
    client.session["page_size"] = 20
    client.session.save()
    client.get(reverse("account_login"))
    before = client.session.session_key
    client.cookies["sessionid"] = before or "a" * 32
    client.post(reverse("account_login"), {"login": "staff", "password": "云溪之水天上来9"})
    assert client.cookies["sessionid"].value not in (before, "a" * 32)
    assert client.get("/overdue/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/overdue/").status_code == 302


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "{{7*7}}", "𠀀𪚥", "\u202e反转"]
)
def test_texts_come_out_as_text(realm: Realm, text: str) -> None:
    row = start(realm.world.deputy, text, body=text)
    row = services.submit(proposal_id=row.pk, seen_version=None, user=realm.world.deputy, now=at(2026, 3, 2))
    Person.objects.filter(pk=realm.world.seat.person_id).update(name=text, post=text)
    Unit.objects.filter(pk=realm.world.education.pk).update(name=text, contact_name=text)
    User.objects.filter(pk=realm.world.deputy.pk).update(name=text)
    client = realm.client("staff")
    addresses = ["/", "/notices/", "/overdue/", "/proposals/", f"/proposals/?q={text}", f"/proposals/{row.pk}/", f"/proposals/{row.pk}/review/",
                 f"/proposals/{realm.hidden.pk}/", "/deputies/", f"/deputies/?q={text}", f"/deputies/{realm.world.seat.person_id}/",
                 "/reports/2026/proposals/", "/admin/deputies/seat/", "/admin/deputies/person/", "/admin/bodies/unit/",
                 "/admin/proposals/proposal/", "/admin/casework/event/", "/admin/casework/obligation/", "/admin/notices/notice/",
                 url(Unit, "change", realm.world.education.pk), url(Unit, "delete", realm.world.education.pk),
                 url(Person, "change", realm.world.seat.person_id), url(Seat, "delete", realm.world.seat.pk)]  # fmt: skip
    seen = 0
    for address in addresses:
        response = client.get(address)
        page = response.content.decode()
        assert response.status_code == 200, address
        assert "<script>alert" not in page, address
        assert "<img src=x" not in page, address
        seen += text in page or "alert(1)" in page
    assert seen > 5


def test_forms_from_elsewhere_are_refused_in_chinese(realm: Realm) -> None:
    client = Browser(enforce_csrf_checks=True)
    client.force_login(realm.users["staff"])
    for address in ("/large-type/", f"/proposals/{realm.under_review.pk}/review/", "/notices/read-all/", url(Unit, "add"), url(Seat, "import"),
                    "/accounts/logout/", f"/overdue/{realm.obligation.pk}/urge/"):  # fmt: skip
        response = client.post(address, {"outcome": "pass"})
        assert response.status_code == 403, address
        assert "页面" in response.content.decode(), address
