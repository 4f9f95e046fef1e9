"""One address for each act on a proposal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.response import Response

from accounts.rest.errors import Refused
from accounts.rest.once import HEADER, once
from accounts.rest.views import Acting, ApiView, Known
from casework.services import CaseWasChanged, UnableToAct
from proposals import queries
from proposals.abilities import abilities
from proposals.acts import ACTS, SECOND, Act, act_of
from proposals.api.detail import ProposalDetail
from proposals.api.proposals import shown
from proposals.api.sent import bind, checked, serializer_of
from proposals.models import Proposal

if TYPE_CHECKING:
    from rest_framework.request import Request

NOT_NOW = "本件当前不能办理这一步，请重新读取本件，查看最新情况。"
NO_VERSION = "请写明您看到的版本：version 字段，或者 If-Match。"
BAD_VERSION = "版本应为整数，与读取时的 version 相同。"
DONE = "已办理。本件办理后您不再能看到。"
IF_MATCH = re.compile(r'(?:W/)?"?([0-9]{1,9})"?', re.ASCII)
LARGEST_VERSION = 2_000_000_000
HEADERS = [
    OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="您看到的版本；与 version 字段写一个即可。"),
    OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, description="同一请求重发时不会办两次。"),
]


def seen_version(request: Request) -> tuple[int | None, int]:
    """Return the version that the client saw, None without one, and the status that says it is old.

    Raises ParseError (400) for what can be none.
    """
    if header := request.headers.get("If-Match", ""):
        match = IF_MATCH.fullmatch(header.strip())
        if match is None:
            raise ParseError(BAD_VERSION)
        return int(match[1]), 412
    sent = request.data.get("version") if isinstance(request.data, dict) else None
    if sent is None:
        return None, 409
    if isinstance(sent, bool) or not isinstance(sent, int) or not 0 <= sent <= LARGEST_VERSION:
        raise ParseError(BAD_VERSION)
    return sent, 409


class ActView(ApiView):
    """Does one act, as its page does: the same form, the same service, the same refusals."""

    permission_classes = [Known, Acting]
    code: ClassVar[str]

    @once
    def act(self, request: Request, pk: int) -> Response:
        """Do it and return the proposal as it is then.

        Raises Http404, ParseError (400), Wrong (422) by field, Refused (409, or 412 for an old If-Match).
        """
        user = request.user
        try:
            proposal = queries.visible_proposal(user, pk)
        except Proposal.DoesNotExist as error:
            raise Http404 from error
        act = act_of(self.code, user, proposal)
        version, stale = seen_version(request)
        ability = abilities(user, proposal).get(self.code)
        if ability is None or not ability.allowed:
            raise Refused(ability.reason if ability else NOT_NOW)
        if version is None and act.is_versioned:
            raise ParseError(NO_VERSION)
        form = act.make_form(user, proposal)
        bind(form, request.data, version=version)
        checked(form)
        try:
            act.service(proposal_id=pk, seen_version=version, user=user, now=timezone.now(), **form.given)
        except CaseWasChanged as error:
            raise Refused(str(error), stale) from error
        except UnableToAct as error:
            raise Refused(str(error)) from error
        except Proposal.DoesNotExist as error:
            raise Http404 from error
        try:
            return shown(request, pk)
        except Http404:
            # Who gives a thing away may lose sight of it.
            return Response({"id": pk, "detail": DONE})


def _sent(code: str, act: Act) -> Any:
    name = "".join(part.title() for part in code.split("-"))
    first = serializer_of(f"{name}Entry", act.form, is_versioned=act.is_versioned)
    other = SECOND.get(code)
    if other is None:
        return first
    second = serializer_of(f"{name}AgainEntry", other.form)
    return PolymorphicProxySerializer(f"{name}Either", [first, second], resource_type_field_name=None)


def _view(code: str, act: Act) -> type[ActView]:
    other = SECOND.get(code)

    @extend_schema(
        operation_id=f"proposals_{code.replace('-', '_')}",
        summary=f"{act.label}；{other.label}" if other else act.label,
        description="现在能不能办、要填哪些字段，先看该件 abilities 里的这一项。",
        parameters=HEADERS,
        request=_sent(code, act),
        responses=ProposalDetail,
    )
    def post(self: ActView, request: Request, pk: int) -> Response:
        return self.act(request, pk)

    return type(f"{code.title().replace('-', '')}View", (ActView,), {"code": code, "post": post})


ACT_VIEWS: dict[str, type[ActView]] = {code: _view(code, act) for code, act in ACTS.items()}
