"""The published figures: their names, their definitions in office words (口径), and the condition that counts them."""

from __future__ import annotations

from reports.definitions.appointments import APPOINTMENT_FIGURES
from reports.definitions.deputies import DEPUTY_FIGURES
from reports.definitions.handling import PROPOSAL_FIGURES
from reports.definitions.headings import HEADINGS
from reports.definitions.stations import STATION_FIGURES
from reports.figures import Figure

_ALL: tuple[Figure, ...] = (*DEPUTY_FIGURES, *PROPOSAL_FIGURES, *STATION_FIGURES, *APPOINTMENT_FIGURES)

# In the order of the page and of the sheet.
FIGURES: tuple[Figure, ...] = tuple(sorted(_ALL, key=lambda figure: HEADINGS.index(figure.heading)))
