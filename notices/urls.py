from django.urls import path

from notices import views

app_name = "notices"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("read-all/", views.read_all, name="read_all"),
    path("addresses/", views.addresses, name="addresses"),
    path("<int:pk>/digest/", views.digest, name="digest"),
    path("<int:pk>/open/", views.open_message, name="open"),
    path("<int:pk>/read/", views.read, name="read"),
]
