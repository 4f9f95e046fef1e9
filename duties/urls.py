from django.urls import path

from duties.views import activities, entries, groups

app_name = "duties"
urlpatterns = [
    path("groups/", groups.groups, name="groups"),
    path("groups/<int:pk>/", groups.group, name="group"),
    path("groups/<int:pk>/register/", activities.register, name="activity-register"),
    path("groups/<int:pk>/enter/", entries.enter, name="enter"),
    path("groups/<int:pk>/entered/<int:line>/", entries.correct, name="entered"),
    path("groups/<int:pk>/entered/<int:line>/take-back/", entries.take_back, name="entered-take-back"),
    path("groups/activities/<int:pk>/", activities.activity, name="activity"),
    path("groups/activities/<int:pk>/correct/", activities.correct, name="activity-correct"),
    path("groups/activities/<int:pk>/take-back/", activities.take_back, name="activity-take-back"),
]
