"""An admin site with one register, addresses and a form for it: the pages of the engine without any app of the portal."""

from django.contrib.admin import AdminSite
from django.contrib.auth.models import Group
from django.urls import path

from portal.urls import urlpatterns as portal_urls
from workbooks.admin import FormImportAdmin
from workbooks.cleaners import Integer, Name
from workbooks.columns import Column, Counts, Form, ImportRefused


class Groups(Form):
    """Groups of one of two bodies."""

    kind = "groups"
    title = "代表小组"
    key = ("name",)
    columns = (
        Column("小组名称", "name", Name(), required=True, sample="示例小组", suggest=lambda context: [context]),
        Column("人数", "size", Integer(), note="组员人数"),
    )
    bodies = (("340100", "合肥市"), ("340101", "瑶海区"))

    def congress_choices(self, user):
        return self.bodies

    def make_context(self, *, congress_code=None, user=None):
        names = dict(self.bodies)
        code = congress_code or (self.bodies[0][0] if len(self.bodies) == 1 else None)
        if code not in names:
            raise ImportRefused(f"没有代码为 {code} 的人大" if code else "有几个人大，请用 --congress 指定一个")
        return names[code]

    def apply(self, rows, context):
        names = [f"{context}{row['name']}" for row in rows]
        known = set(Group.objects.filter(name__in=names).values_list("name", flat=True))
        Group.objects.bulk_create(Group(name=name) for name in names if name not in known)
        return Counts(len(names) - len(known), 0, len(known))

    def export_rows(self, records):
        return ({"name": group.name, "size": None} for group in records)


class GroupAdmin(FormImportAdmin):
    form_kind = "groups"
    search_fields = ("name",)
    ordering = ("pk",)


site = AdminSite(name="groups")
site.register(Group, GroupAdmin)
urlpatterns = [path("groups/", site.urls), *portal_urls]
