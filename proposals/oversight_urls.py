"""Addresses of the oversight, below those of the proposals."""

from django.urls import path

from proposals.views import inspections, oversight, scoring, voting

urlpatterns = [
    path("", oversight.board, name="oversight"),
    path("items/", oversight.items, name="oversight-items"),
    path("lights/", oversight.lights, name="oversight-lights"),
    path("evaluations/", oversight.evaluations, name="evaluations"),
    path("vote/", voting.new, name="vote-new"),
    path("inspections/", inspections.listed, name="inspections"),
    path("inspections/new/", inspections.new, name="inspection-new"),
    path("inspections/<int:pk>/", inspections.shown, name="inspection"),
    path("coverage/", inspections.coverage, name="coverage"),
    path("coverage/file/", inspections.coverage_file, name="coverage-file"),
    path("coverage/<int:unit>/", inspections.coverage_of_unit, name="coverage-unit"),
    path("scoring/", scoring.schemes, name="scoring"),
    path("scoring/new/", scoring.new, name="scoring-new"),
    path("scoring/<int:pk>/", scoring.scheme, name="scoring-scheme"),
    path("scoring/<int:pk>/items/", scoring.items, name="scoring-items"),
    path("scoring/<int:pk>/activate/", scoring.activate, name="scoring-activate"),
    path("scoring/<int:pk>/close/", scoring.close, name="scoring-close"),
    path("scoring/<int:pk>/file/", scoring.file, name="scoring-file"),
    path("scoring/<int:pk>/units/<int:unit>/", scoring.unit, name="scoring-unit"),
    path("scoring/<int:pk>/units/<int:unit>/<int:item>/", scoring.rows, name="scoring-rows"),
]
