"""Every address of the API: what an app answers stands in its own `api.py`."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework.routers import SimpleRouter

import accounts.api
import appointments.api
import casework.api
import deputies.api
import duties.api
import liaison_stations.api
import notices.api
import proposals.api
import ratings.api
import training.api
from portal import api_pages

app_name = "api"

router = SimpleRouter(use_regex_path=False)
APPS: list[Any] = [
    casework.api,
    notices.api,
    proposals.api,
    deputies.api,
    duties.api,
    training.api,
    liaison_stations.api,
    appointments.api,
    ratings.api,
    accounts.api,
]
for app in APPS:
    for address, view in app.REGISTERS:
        router.register(address, view, basename=address)

urlpatterns = [
    path("", api_pages.manual, name="manual"),
    path("schema/", api_pages.schema, name="schema"),
    path("proposals/", proposals.api.ProposalsView.as_view(), name="proposals-list"),
    path("proposals/<int:pk>/", proposals.api.ProposalView.as_view(), name="proposals-detail"),
    *(
        path(f"proposals/<int:pk>/{code}/", view.as_view(), name=f"proposal-{code}")
        for code, view in proposals.api.ACT_VIEWS.items()
    ),
    *router.urls,
]
