from django.urls import path

from ratings.views import public

app_name = "ballot"
urlpatterns = [
    path("", public.enter, name="enter"),
    path("<str:code>/", public.vote, name="vote"),
]
