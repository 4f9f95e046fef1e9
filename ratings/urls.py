from django.urls import path

from ratings.views import editing, listing, papers, results, stages, voters, voting

app_name = "ratings"
urlpatterns = [
    path("", listing.round_list, name="list"),
    path("new/", editing.new, name="new"),
    path("<int:pk>/", listing.one, name="round"),
    path("<int:pk>/edit/", editing.edit, name="edit"),
    path("<int:pk>/delete/", editing.delete, name="delete"),
    path("<int:pk>/voters/", voters.voters, name="voters"),
    path("<int:pk>/voters/remove/", voters.remove, name="voters-remove"),
    path("<int:pk>/codes/", voters.codes, name="codes"),
    path("<int:pk>/codes/print/", voters.codes_print, name="codes-print"),
    path("<int:pk>/open/", stages.open_, name="open"),
    path("<int:pk>/close/", stages.close, name="close"),
    path("<int:pk>/publish/", stages.publish, name="publish"),
    path("<int:pk>/vote/", voting.vote, name="vote"),
    path("<int:pk>/paper/", papers.paper, name="paper"),
    path("<int:pk>/paper/<int:entry>/", papers.correct, name="paper-correct"),
    path("<int:pk>/results/", results.page, name="results"),
    path("<int:pk>/results/file/", results.file, name="results-file"),
    path("<int:pk>/ballots/", results.ballots, name="ballots"),
]
