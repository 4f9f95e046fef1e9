"""Pages that fail as pages do: the database refuses a row, or what was typed, and says so with the row."""

from django.db import connection
from django.http import Http404, HttpRequest
from django.urls import path

from accounts.models import User
from portal.urls import urlpatterns as portal_urls


def twice(request: HttpRequest) -> None:
    User.objects.create(username="twice", name=request.POST["name"], phone=request.POST["phone"])


def no_number(request: HttpRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 WHERE %s::bigint > 0", [request.POST["phone"] + "x"])


def large_number(request: HttpRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 WHERE %s::integer > 0", [request.POST["phone"]])


def missing(request: HttpRequest) -> None:
    raise Http404(request.POST["phone"])


urlpatterns = [
    path("fails/twice/", twice),
    path("fails/no-number/", no_number),
    path("fails/large-number/", large_number),
    path("fails/missing/", missing),
    *portal_urls,
]
