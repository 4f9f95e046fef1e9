"""Two at once, and services that go away."""

import uuid

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client, override_settings
from django.urls import reverse

from bodies.models import Unit
from proposals import services
from proposals.models import Feedback, Proposal, Reply
from tests.attacks.conftest import Browser, hand_in, hand_out
from tests.factories import at
from tests.threads import at_once
from tests.world import World, world  # noqa: F401


def browser(user: object) -> Browser:
    client = Browser()
    client.force_login(user)
    return client


def post(client: Client, name: str, pk: int, version: int, **data: object) -> int:
    return client.post(reverse(f"proposals:{name}", args=[pk]), {"version": version} | data).status_code


@pytest.mark.django_db(transaction=True)
def test_two_at_once_one_wins_and_the_other_is_told(world: World) -> None:  # noqa: F811
    """Reviews, submit against edit, replies, ratings: one effect each, never an error page."""
    row = hand_in(world.deputy, "同时审查")
    one, other = browser(world.staff), browser(world.staff)
    data = [{"outcome": "pass"}, {"outcome": "return", "reason": "请补充"}]
    codes = at_once(
        *[lambda c=c, d=d: post(c, "review", row.pk, row.version, **d) for c, d in zip((one, other), data, strict=True)]
    )
    assert sorted(codes) in ([302, 409], [302, 302])
    row.refresh_from_db()
    assert row.events.filter(verb="review").count() == 1

    draft = services.create_draft(
        user=world.deputy,
        request_key=uuid.uuid4(),
        now=at(2026, 3, 2),
        title="边交边改",
        body="初稿",
        form="suggestion",
        disclosure="full",
    )
    fields = {"title": "边交边改", "form": "suggestion", "disclosure": "full"}
    one, other = browser(world.deputy), browser(world.deputy)
    codes = at_once(
        lambda: post(one, "edit", draft.pk, draft.version, **fields, body="初稿", self_checked="on", submit="1"),
        lambda: post(other, "edit", draft.pk, draft.version, **fields, body="改稿", save="1"),
    )
    assert max(codes) < 500
    kept = Proposal.objects.get(pk=draft.pk)
    assert (kept.status, kept.body) in (("open", "初稿"), ("draft", "改稿"))

    case = hand_out(world, hand_in(world.deputy, "同时答复"))
    services.acknowledge(proposal_id=case.pk, seen_version=None, user=world.unit_user, now=at(2026, 3, 5))
    services.record_contact(
        proposal_id=case.pk,
        seen_version=None,
        user=world.unit_user,
        now=at(2026, 3, 5),
        contacted_on=at(2026, 3, 5).date(),
        way="phone",
        summary="已联系",
    )
    version = Proposal.objects.get(pk=case.pk).version
    pair = [browser(world.unit_user), browser(world.unit_user)]
    answers = [
        {
            "replied_on": "2026-03-06",
            "document_no": f"云教〔2026〕{n}号",
            "outcome": world.outcomes["A"].pk,
            "body": "已办",
            "disclosure": "full",
        }
        for n in (1, 2)
    ]
    codes = at_once(
        *[lambda c=c, d=d: post(c, "reply", case.pk, version, **d) for c, d in zip(pair, answers, strict=True)]
    )
    assert max(codes) < 500
    assert Reply.objects.filter(assignment__round__proposal=case).count() == 1

    version = Proposal.objects.get(pk=case.pk).version
    raters = [browser(world.deputy), browser(world.staff)]
    grades = [
        {"attitude": "satisfied", "result": "satisfied"},
        {"attitude": "dissatisfied", "result": "dissatisfied", "opinion": "没有办"},
    ]
    codes = at_once(
        *[lambda c=c, d=d: post(c, "rate", case.pk, version, **d) for c, d in zip(raters, grades, strict=True)]
    )
    assert sorted(codes) == [302, 409]
    assert Feedback.objects.filter(round__proposal=case).count() == 1


@pytest.mark.django_db
def test_work_goes_on_without_broker_and_cache(world: World) -> None:  # noqa: F811
    gone = "unix:///nowhere/to/be/found.sock"
    caches = {"default": settings.CACHES["default"] | {"LOCATION": gone}}
    world.deputy.set_password("云溪之水天上来9")
    world.deputy.save()
    with override_settings(CACHES=caches):
        client = Browser()
        entered = client.post(reverse("account_login"), {"login": "deputy", "password": "云溪之水天上来9"})
        assert entered.status_code == 302
        made = client.post(
            reverse("proposals:new"),
            {
                "title": "没有消息服务",
                "body": "照样提交",
                "form": "suggestion",
                "disclosure": "full",
                "self_checked": "on",
            },
        )
        assert made.status_code == 302
        assert client.get("/").status_code == 200
        wrong = Browser().post(reverse("account_login"), {"login": "deputy", "password": "wrong"})
        assert wrong.status_code == 200
    assert Proposal.objects.get(title="没有消息服务").status == "open"


@pytest.mark.django_db(transaction=True)
def test_connection_that_the_database_dropped_costs_no_more_than_one_page(world: World) -> None:  # noqa: F811
    client = browser(world.staff)
    assert client.get("/").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    killer = connection.copy()
    with killer.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    killer.close()
    broken = client.get("/")
    connection.close()
    assert broken.status_code in (200, 500, 503)
    assert "Traceback" not in broken.content.decode()
    assert client.get("/").status_code == 200


@pytest.mark.django_db
def test_log_of_the_embedded_database_holds_no_personal_data(world: World) -> None:  # noqa: F811
    log = settings.VAR / "log" / "postgres.log"
    if not log.exists():
        pytest.skip("the database is not the embedded one: its log is the office's own")
    name = f"机密局{uuid.uuid4().hex[:8]}"
    Unit.objects.create(congress=world.congress, name=name)
    with pytest.raises(IntegrityError), transaction.atomic():
        Unit.objects.create(congress=world.congress, name=name)
    assert name not in log.read_text(errors="replace")


@pytest.mark.django_db
def test_log_of_the_portal_holds_nothing_that_was_typed(world: World, caplog: pytest.LogCaptureFixture) -> None:  # noqa: F811
    client = browser(world.deputy)
    typed = {"title": "机密标题", "body": "机密正文", "form": "suggestion", "disclosure": "full"}
    client.post(reverse("proposals:new"), typed)
    client.get(reverse("proposals:list"), {"q": "机密13800001111"})
    Browser().post(reverse("account_login"), {"login": "机密账号", "password": "机密密码"})
    client.post(reverse("proposals:new"), {"title": "机密" * 200})
    staff = browser(world.staff)
    row = Proposal.objects.get(title="机密标题")
    staff.post(
        reverse("proposals:review", args=[row.pk]), {"version": row.version, "outcome": "return", "reason": "机密理由"}
    )
    logged = caplog.text
    assert "request_finished" in logged
    assert "机密" not in logged
    assert "13800001111" not in logged
