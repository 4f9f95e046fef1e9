"""What the registers of stations and receptions share."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, models, transaction
from django.http import HttpRequest, HttpResponse

from accounts.admin_base import ScopedAdmin, sentence_for
from duties.services import lock_ledger
from liaison_stations.services import UnableToSaveReception, UnableToSaveStation


class LedgerAdmin(ScopedAdmin):
    """A register whose rows write to the ledger; what its services refuse comes back as an error of the form.

    ``of_keepers`` names the fields that only those who keep the register see, with what others see instead.
    """

    of_keepers: dict[str, list[str]] = {}

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or request.user.hat is None:
            return super().changeform_view(request, *args, **kwargs)
        try:
            with transaction.atomic():
                # Before the row itself is locked: imports lock in this order, and neither may wait for the other.
                lock_ledger(congress=request.user.hat.congress)
                return super().changeform_view(request, *args, **kwargs)
        except (UnableToSaveStation, UnableToSaveReception) as error:
            request.refusal = str(error)
        except IntegrityError as error:
            request.refusal = sentence_for(error)
        return super().changeform_view(request, *args, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> list:
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {"fields": [shown for name in options["fields"] for shown in self.of_keepers.get(name, [name])]})
            for title, options in fieldsets
        ]
