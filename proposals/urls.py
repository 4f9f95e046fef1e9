from django.urls import path

from proposals.views import acting, drafting, reading

app_name = "proposals"
urlpatterns = [
    path("", reading.proposal_list, name="list"),
    path("new/", drafting.new, name="new"),
    path("new/autosave/", drafting.autosave_new, name="autosave-new"),
    path("<int:pk>/", reading.case, name="case"),
    path("<int:pk>/edit/", drafting.edit, name="edit"),
    path("<int:pk>/autosave/", drafting.autosave, name="autosave"),
    path("<int:pk>/submit/", drafting.submit, name="submit"),
    path("<int:pk>/review/", acting.review, name="review"),
    path("<int:pk>/assign/", acting.assign, name="assign"),
    path("<int:pk>/acknowledge/", acting.acknowledge, name="acknowledge"),
    path("<int:pk>/contact/", acting.contact, name="contact"),
    path("<int:pk>/reply/", acting.reply, name="reply"),
    path("<int:pk>/rate/", acting.rate, name="rate"),
]
