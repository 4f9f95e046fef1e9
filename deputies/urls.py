from django.urls import path

from deputies import views

app_name = "deputies"
urlpatterns = [
    path("", views.roster, name="roster"),
    path("me/", views.me, name="me"),
    path("<int:pk>/", views.person, name="person"),
    path("<int:pk>/look/", views.look, name="look"),
]
