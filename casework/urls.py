from django.urls import path

from casework import overdue_views, views

app_name = "casework"
urlpatterns = [
    path("", views.home, name="home"),
    path("overdue/", overdue_views.overdue, name="overdue"),
    path("overdue/<int:pk>/urge/", overdue_views.urge, name="urge"),
]
