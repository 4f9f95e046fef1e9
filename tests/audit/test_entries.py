from audit.models import Entry
from deputies.models import Person
from tests.world import World, world  # noqa


def test_x(world, client):
    client.force_login(world.staff)
    n = Entry.objects.count()
    Person.objects.filter(pk=world.seat.person_id).update(ethnicity="苗族", phone="13812345678")
    for e in Entry.objects.order_by("pk")[n:]:
        print({k: v for k, v in e.__dict__.items()})
    client.get("/proposals/999999/")
    client.get("/deputies/roster/")
    client.post("/large-type/", {"on": "1"})
    for e in Entry.objects.order_by("pk")[n + 1 :]:
        print({k: v for k, v in e.__dict__.items()})
    from django.db.models import Count

    print(Entry.objects.values_list("kind", "object_table").annotate(Count("pk")))
    assert 0
