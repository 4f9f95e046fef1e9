"""A page that writes before it refuses."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.urls import path

from accounts.models import User
from portal.urls import urlpatterns as portal_urls


@transaction.atomic
def refused(request: HttpRequest) -> None:
    User.objects.filter(pk=request.user.pk).update(name="改过的")
    raise PermissionDenied


urlpatterns = [path("refused/", refused, name="refused"), *portal_urls]
