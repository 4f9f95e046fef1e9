from django.urls import path

from deputies import personal_views, retention_views, views

app_name = "deputies"
urlpatterns = [
    path("", views.roster, name="roster"),
    path("me/", views.me, name="me"),
    path("me/report/", personal_views.my_report, name="my-report"),
    path("me/report/file/", personal_views.my_report_file, name="my-report-file"),
    path("me/corrections/", personal_views.my_corrections, name="my-corrections"),
    path("me/corrections/<int:pk>/withdraw/", personal_views.withdraw_correction, name="withdraw-correction"),
    path("corrections/", personal_views.corrections, name="corrections"),
    path("corrections/<int:pk>/", personal_views.correction, name="correction"),
    path("corrections/<int:pk>/look/", personal_views.look_correction, name="look-correction"),
    path("retention/", retention_views.due, name="retention"),
    path("<int:pk>/", views.person, name="person"),
    path("<int:pk>/look/", views.look, name="look"),
    path("<int:pk>/report/", personal_views.report, name="report"),
    path("<int:pk>/report/file/", personal_views.report_file, name="report-file"),
]
