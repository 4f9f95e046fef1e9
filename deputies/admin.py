"""The register of deputies: people with their seats, delegations and groups."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import BooleanField, Count, ExpressionWrapper, Prefetch, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts import permissions
from accounts.admin_base import Choice, RegisterForm, ScopedAdmin, ScopedInline, ScopedRelation, keep_masked
from accounts.models import Role, User
from bodies.fields import mask
from bodies.models import Level
from deputies import queries
from deputies.items import CLEANERS
from deputies.models import Delegation, DeputyGroup, Gender, GroupMember, GroupOffice, Person, Seat
from deputies.people import delete_seat, goes_with_seat, holds_seat, label_of, save_person, save_seat
from deputies.private import LABELS, by_number, masked
from deputies.queries import IS_MINORITY
from deputies.rules import GROUP_LEAST, GROUP_MOST, doubts_about_group
from workbooks.admin import FormImportAdminMixin
from workbooks.cleaners import Code, Name, PartialDate, Text

HIDDEN = "加密保存，只显示头尾几位；要改的直接输入新的内容，不改的不要动。完整内容在代表的页面上查看"


class PersonForm(RegisterForm):
    cleaners = CLEANERS
    birth = forms.CharField(
        label="出生年月", max_length=40, required=False, help_text="如 1967年3月；也可以只填年份，或填到日"
    )
    id_number = forms.CharField(label="身份证号", max_length=40, required=False, help_text=HIDDEN)
    phone = forms.CharField(label="手机", max_length=100, required=False, help_text=HIDDEN)
    address = forms.CharField(label="通讯地址", max_length=200, required=False, help_text=HIDDEN)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["birth"].initial = self.instance.born_label
        for name in LABELS:
            keep_masked(self, name, partial(masked, name))

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        birth = self.cleaned_data.get("birth")
        if isinstance(birth, PartialDate):
            self.instance.born_on, self.instance.born_precision = birth.first, birth.precision
        elif birth == "":
            self.instance.born_on, self.instance.born_precision = None, ""
        return data


class SeatForm(RegisterForm):
    cleaners = {"elected_by": Text(200), "certificate_no": Code(40), "end_reason": Text(100)}


class SeatInline(ScopedInline, admin.StackedInline):
    model = Seat
    form = SeatForm
    can_delete = False
    show_change_link = True
    fields = [
        "term",
        "delegation",
        "elected_by",
        "certificate_no",
        "status",
        "started_on",
        "ended_on",
        "end_reason",
        "is_reelected",
        "is_committee_member",
    ]

    def get_min_num(self, request: HttpRequest, obj: Person | None = None, **kwargs: Any) -> int:
        return 1 if obj is None else 0

    def get_formset(
        self, request: HttpRequest, obj: Person | None = None, **kwargs: Any
    ) -> type[forms.BaseInlineFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        # A person without a seat would be in nobody's view.
        formset.validate_min = obj is None
        return formset


@admin.register(Person)
class PersonAdmin(ScopedAdmin):
    form = PersonForm
    inlines = [SeatInline]
    list_display = ["name", "gender", "ethnicity", "born", "party", "post", "shown_phone"]
    list_filter = ["gender"]
    search_fields = ["name", "^initials", "^pinyin", "=seats__certificate_no"]
    search_help_text = "按姓名、拼音首字母、代表证号查找；手机和身份证号要输入完整"
    autocomplete_fields = ["user"]

    def get_fieldsets(self, request: HttpRequest, obj: Person | None = None) -> list:
        if obj is not None and not self.has_change_permission(request, obj):
            birth, private = "born", ["shown_phone"]
        else:
            birth, private = "birth", ["phone", "address", "postcode", "id_number"]
        return [
            (None, {"fields": ["name", "gender", "ethnicity", birth, "native_place"]}),
            ("身份", {"fields": ["party", "post", "occupation", "education", "degree"]}),
            ("联系方式", {"fields": private}),
            ("登录", {"fields": ["user"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> list[str]:
        return ["born", "shown_phone"]

    @admin.display(description="出生年月", ordering="born_on")
    def born(self, person: Person) -> str:
        return person.born_label

    @admin.display(description="手机")
    def shown_phone(self, person: Person) -> str:
        return mask(person.phone)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if permissions.keeps_registers(request.user) and (condition := by_number(search_term)) is not None:
            return queryset.filter(condition), False
        return super().get_search_results(request, queryset, search_term)

    def name_in_picker(self, obj: Person) -> str:
        return "，".join(filter(None, [obj.name, obj.gender, obj.born_label, obj.post]))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "user":
            here = request.user.hat.congress_id if request.user.hat else None
            deputies = field.queryset.filter(memberships__role=Role.DEPUTY, memberships__congress_id=here)
            field.queryset = deputies.distinct()
        return field

    def why_fixed(self, user: User, obj: Person) -> str:
        # Whoever links an account to a person acts as the deputy.
        kept = user.memberships.filter(role=Role.STAFF).values("congress")
        if obj.seats.exclude(term__congress__in=kept).exists():
            return (
                "此人同时是其他人大的代表，人员资料由几处共用，在这里只能查看；本人大的代表资格请在「代表」中修改，"
                "人员资料有误的请联系系统管理员。"
            )
        if obj.erased_at and not holds_seat(obj):
            return f"此人的个人信息已于 {timezone.localtime(obj.erased_at):%Y-%m-%d} 按期删除，不再修改。"
        return super().why_fixed(user, obj)

    def save_model(self, request: HttpRequest, obj: Person, form: Any, change: bool) -> None:
        save_person(person=obj)

    def has_delete_permission(self, request: HttpRequest, obj: Person | None = None) -> bool:
        # A person goes with the last seat, see SeatAdmin.
        return False


class GroupOfSeatInline(ScopedInline, admin.TabularInline):
    model = GroupMember
    verbose_name = verbose_name_plural = "所在代表小组"
    fields = ["group", "office"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        # A deputy may also belong to groups of other congresses, which are theirs to keep.
        return super().get_queryset(request).filter(group__in=DeputyGroup.objects.visible_to(request.user))


class GroupFilter(Choice):
    title = "代表小组"
    parameter_name = "group"
    lookup = "group_memberships__group"

    def pairs(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return list(DeputyGroup.objects.visible_to(request.user).values_list("pk", "name"))


class EthnicityFilter(Choice):
    title = "民族"
    parameter_name = "ethnicity"
    lookup = "person__ethnicity"

    def pairs(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        seats = Seat.objects.visible_to(request.user).exclude(person__ethnicity="")
        found = seats.order_by("person__ethnicity").values_list("person__ethnicity", flat=True).distinct()
        return [(name, name) for name in found]


class LevelFilter(Choice):
    """The own congress's deputies unless another level is asked for: those are the office's register, the others' are not."""

    title = "层级"
    parameter_name = "level"

    def pairs(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        self.user = request.user
        hat = request.user.hat
        others = [level for level in Level.values if hat is not None and level != hat.congress.level]
        return [*((level, queries.level_name(level)) for level in others), (queries.ALL, "全部层级")] if hat else []

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        own, *others = super().choices(changelist)
        return iter([own | {"display": "本级"}, *others])

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() is None:
            return queries.of_level(queryset, request.user, queries.OWN)
        return super().queryset(request, queryset)

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        return queries.of_level(queryset, self.user, value)


@admin.register(Seat)
class SeatAdmin(FormImportAdminMixin, ScopedAdmin):
    form_kind = "deputies"
    measure_word = "名"
    form = SeatForm
    inlines = [GroupOfSeatInline]
    congress_of = "term.congress_id"
    list_display = ["name", "gender", "ethnicity", "born", "delegation", "groups", "post", "shown_phone", "status"]
    list_filter = [
        LevelFilter,
        "status",
        ("term", ScopedRelation),
        ("delegation", ScopedRelation),
        GroupFilter,
        "person__gender",
        EthnicityFilter,
        "is_committee_member",
        "is_reelected",
    ]
    # What is searched is said once, in the queries; Django only asks that something stands here.
    search_fields = ["person__name"]
    search_help_text = "按姓名、拼音首字母、代表证号、单位、代表小组查找；手机和身份证号要输入完整"
    autocomplete_fields = ["person"]
    totals = [
        ("代表", Count("pk")),
        ("女代表", Count("pk", filter=Q(person__gender=Gender.FEMALE))),
        ("少数民族代表", Count("pk", filter=IS_MINORITY)),
    ]
    readonly_fields = ["person_link"]
    fieldsets = [
        (None, {"fields": ["person", "term", "delegation", "elected_by", "certificate_no"]}),
        ("任职", {"fields": ["status", "started_on", "ended_on", "end_reason"]}),
        (None, {"fields": ["is_reelected", "is_committee_member", "note"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        groups = DeputyGroup.objects.visible_to(request.user)
        members = GroupMember.objects.filter(group__in=groups).select_related("group")
        rows = super().get_queryset(request).select_related("person", "delegation", "term")
        return rows.prefetch_related(Prefetch("group_memberships", queryset=members))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        found = queries.search(queryset, search_term, numbers=permissions.keeps_registers(request.user))
        if "field_name" in request.GET:
            found = queries.for_picker(found, request.user)
        return found, False

    def opening_rows(self, request: HttpRequest) -> QuerySet:
        rows = super().opening_rows(request)
        return queries.of_level(rows, request.user, queries.OWN) if request.user.hat else rows

    def get_fieldsets(self, request: HttpRequest, obj: Seat | None = None) -> list:
        if obj is None:
            return self.fieldsets
        # A seat stays its holder's: a wrong one is deleted and entered anew.
        (_, first), *others = self.fieldsets
        shown = [(None, {"fields": ["person_link", *first["fields"][1:]]}), *others]
        if not self.why_fixed(request.user, obj):
            return shown
        # What another congress remarks about its deputy is its own business.
        return [(title, {"fields": [name for name in part["fields"] if name != "note"]}) for title, part in shown]

    @admin.display(description="姓名", ordering="person__pinyin")
    def name(self, seat: Seat) -> str:
        return seat.person.name

    @admin.display(description="性别", ordering="person__gender")
    def gender(self, seat: Seat) -> str:
        return seat.person.gender

    @admin.display(description="民族", ordering="person__ethnicity")
    def ethnicity(self, seat: Seat) -> str:
        return seat.person.ethnicity

    @admin.display(description="出生年月", ordering="person__born_on")
    def born(self, seat: Seat) -> str:
        return seat.person.born_label

    @admin.display(description="代表小组")
    def groups(self, seat: Seat) -> str:
        return "、".join(member.group.name for member in seat.group_memberships.all())

    @admin.display(description="工作单位及职务")
    def post(self, seat: Seat) -> str:
        return seat.person.post

    @admin.display(description="手机")
    def shown_phone(self, seat: Seat) -> str:
        return mask(seat.person.phone)

    @admin.display(description="人员")
    def person_link(self, seat: Seat) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:deputies_person_change", args=[seat.person_id]), seat)

    def name_in_picker(self, obj: Seat) -> str:
        return picker_label(obj)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "person":
            field.widget.can_add_related = field.widget.can_change_related = False
            field.help_text = (
                "已在系统中的人员（如连任代表）在这里选择；新当选的代表请从「人员」增加，可以同时登记代表资格。"
            )
        return field

    def rows_to_export(self, request: HttpRequest, records: QuerySet) -> QuerySet:
        here = Q(term__congress=request.user.hat.congress_id)
        return records.annotate(is_here=ExpressionWrapper(here, output_field=BooleanField()))

    def has_export_permission(self, request: HttpRequest) -> bool:
        # The roster's form holds phones and addresses in full.
        return permissions.keeps_registers(request.user)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        to_delete, counts, needed, protected = super().get_deleted_objects(objs, request)
        along = [seat.person for seat in objs if goes_with_seat(seat)]
        if along:
            to_delete = [*to_delete, *(f"人员：{person}（没有其他代表资格和登录账号）" for person in along)]
            counts = {**counts, "人员": len(along)}
        return to_delete, counts, needed, protected

    def save_model(self, request: HttpRequest, obj: Seat, form: Any, change: bool) -> None:
        save_seat(seat=obj)

    def delete_model(self, request: HttpRequest, obj: Seat) -> None:
        delete_seat(seat=obj)


class NameForm(RegisterForm):
    cleaners = {"name": Name(100)}


@admin.register(Delegation)
class DelegationAdmin(ScopedAdmin):
    form = NameForm
    congress_of = "term.congress_id"
    wide = ("township",)
    measure_word = "个"
    list_display = ["name", "term", "township", "deputies", "sort"]
    list_filter = [("term", ScopedRelation)]
    list_select_related = ["term__congress", "township"]
    search_fields = ["name"]
    search_help_text = "按代表团名称查找"
    totals = [("代表团", Count("pk")), ("代表", Sum("deputies_number"))]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(deputies_number=queries.number_of(Seat, "delegation"))

    @admin.display(description="代表人数", ordering="deputies_number")
    def deputies(self, delegation: Delegation) -> int:
        return delegation.deputies_number


class PicksDeputies:
    """Names the deputy whom a form's picker holds as the picker's list names him or her."""

    def formfield_for_dbfield(self: Any, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.is_relation and db_field.remote_field.model is Seat:
            seats = field.queryset.select_related("person", "delegation")
            field.queryset = queries.for_picker(seats, request.user)
            field.label_from_instance = picker_label
            # A deputy is entered with person, term and delegation in the register, not from here.
            field.widget.can_add_related = field.widget.can_change_related = field.widget.can_view_related = False
        return field


def picker_label(seat: Seat) -> str:
    """Return how a picker names a seat that came from ``queries.for_picker``."""
    return label_of(seat, here=getattr(seat, "is_here", True), namesake=getattr(seat, "has_namesake", False))


class MemberInline(PicksDeputies, ScopedInline, admin.TabularInline):
    model = GroupMember
    autocomplete_fields = ["seat"]
    fields = ["seat", "office"]


class DoubtFilter(Choice):
    title = "核对"
    parameter_name = "doubt"

    def pairs(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [("size", f"不是 {GROUP_LEAST} 至 {GROUP_MOST} 人"), ("leader", "没有组长")]

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        if value == "leader":
            return queryset.filter(has_leader=False)
        return queryset.exclude(size__range=(GROUP_LEAST, GROUP_MOST))


@admin.register(DeputyGroup)
class DeputyGroupAdmin(ScopedAdmin):
    form = NameForm
    inlines = [MemberInline]
    congress_of = "term.congress_id"
    measure_word = "个"
    list_display = ["name", "term", "kind", "leader", "members_number", "doubts", "sort"]
    list_filter = [("term", ScopedRelation), "kind", DoubtFilter]
    list_select_related = ["term__congress"]
    search_fields = ["name", "members__seat__person__name", "^members__seat__person__initials"]
    search_help_text = "按代表小组名称、成员姓名或拼音首字母查找"
    totals = [("代表小组", Count("pk")), ("成员", Sum("size"))]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        leaders = GroupMember.objects.filter(office=GroupOffice.LEADER).select_related("seat__person")
        rows = queries.with_size(super().get_queryset(request))
        return rows.prefetch_related(Prefetch("members", queryset=leaders, to_attr="leaders"))

    @admin.display(description="组长")
    def leader(self, group: DeputyGroup) -> str:
        return "、".join(str(member.seat) for member in group.leaders)

    @admin.display(description="人数", ordering="size")
    def members_number(self, group: DeputyGroup) -> int:
        return group.size

    @admin.display(description="核对")
    def doubts(self, group: DeputyGroup) -> str:
        return "；".join(doubts_about_group(size=group.size, has_leader=group.has_leader))

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        group = kwargs.get("obj")
        if group is not None and (doubts := doubts_about_group(size=group.size, has_leader=group.has_leader)):
            messages.warning(request, f"请核对本小组：{'；'.join(doubts)}。")
        return super().render_change_form(request, context, *args, **kwargs)
