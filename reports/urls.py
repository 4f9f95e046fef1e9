from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("annual/", views.annual, name="annual"),
    path("<int:year>/", views.overview, name="overview-of-year"),
    path("<int:year>/annual.xlsx", views.annual_workbook, name="annual-workbook"),
    path("<int:year>/<slug:code>/", views.figure, name="figure"),
]
