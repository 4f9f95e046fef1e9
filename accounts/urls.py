"""Addresses of the user's own account and of the security administrator, beside those of the log-in library."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("security/", views.security, name="security"),
    path("sessions/<int:pk>/end/", views.end_session, name="end_session"),
    path("guard/", views.guard, name="guard"),
    path("guard/<int:pk>/unlock/", views.unlock, name="unlock"),
    path("guard/<int:pk>/second-factor/", views.remove_second_factor, name="remove_second_factor"),
]
