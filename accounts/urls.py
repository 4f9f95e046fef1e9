"""Addresses of the user's own account and of whoever guards the others', beside those of the log-in library."""

from django.urls import path

from accounts import token_views, views

app_name = "accounts"
urlpatterns = [
    path("security/", views.security, name="security"),
    path("sessions/<int:pk>/end/", views.end_session, name="end_session"),
    path("guard/", views.guard, name="guard"),
    path("guard/<int:pk>/unlock/", views.unlock, name="unlock"),
    path("guard/<int:pk>/second-factor/", views.remove_second_factor, name="remove_second_factor"),
    path("tokens/", token_views.tokens_of_others, name="tokens"),
    path("tokens/<int:pk>/revoke/", token_views.revoke_of_another, name="revoke_token"),
]
