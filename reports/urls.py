from django.urls import path

from reports.views import annual, overview

app_name = "reports"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("annual/", annual.annual, name="annual"),
    path("annual/runs/", annual.runs, name="runs"),
    path("annual/ask/", annual.ask, name="ask"),
    path("annual/<int:pk>/cancel/", annual.cancel, name="cancel"),
    path("annual/<int:pk>/file.xlsx", annual.download, name="download"),
    path("<int:year>/", overview.overview, name="overview-of-year"),
    path("<int:year>/sheets/<slug:code>/", overview.sheet, name="sheet"),
    path("<int:year>/<slug:code>/", overview.figure, name="figure"),
]
