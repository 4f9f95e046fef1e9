"""One step of a procedure as forms and pages show it, with the ways it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin

from accounts.admin_base import RegisterForm, Rows, ScopedInline
from casework import procedures, registry
from casework.admin.installation import OfProcedures
from casework.forms import DeadlineField, options
from casework.models import Outcome, Step
from casework.presenters import deadline_words
from workbooks.cleaners import Text

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest

    from accounts.models import User

MOST_STEPS = 30
STEP_FIELDS = [
    "procedure", "position", "label", "stage", "act", "actor_role", "verb", "deadline", "rule_key", "acknowledge_within",
    "required",
]  # fmt: skip
# A step is passed by this outcome, whatever its label; every kind of case knows it.
PASS = {"pass": "通过"}
RULE_KEY_HELP = "所用办理规则写了这个期限的，以规则为准；没有写的，用上面的期限"


def in_words(outcome: Outcome) -> str:
    """Return an outcome with where it leads: 退回修改 → 提出（期限10日）."""
    where = outcome.goes_to.label if outcome.goes_to else "办结"
    return f"{outcome.label} → {where}" + (f"（期限{deadline_words(outcome.deadline)}）" if outcome.deadline else "")


def deadline_in_words(step: Step, case_kind: str) -> str:
    """Return by when a step is due: by the rules of the case, where these are silent by its own deadline."""
    deadline = deadline_words(step.deadline)
    if not step.rule_key:
        return deadline or "不限期"
    name = registry.kind(case_kind).rule_keys.get(step.rule_key, "期限")
    return f"按办理规则的「{name}」" + (f"，规则没有写的为{deadline}" if deadline else "")


def in_words_of(step: Step, case_kind: str) -> dict[str, Any]:
    """Return a step for the table of ``admin/casework/procedure_steps.html``; its outcomes were prefetched."""
    kind = registry.kind(case_kind)
    return {
        "position": step.position,
        "label": step.label,
        "stage": step.get_stage_display(),
        "act": step.get_act_display(),
        "actor": step.get_actor_role_display(),
        "verb": step.verb,
        "deadline": deadline_in_words(step, case_kind),
        "acknowledge": deadline_words(step.acknowledge_within),
        "required": [kind.needs.get(code, code) for code in step.required],
        "outcomes": [in_words(row) for row in step.outcomes.all()],
    }


class StepForm(RegisterForm):
    """A step as a line of its procedure; ``place`` is where it shall stand."""

    cleaners = {"label": Text(40), "verb": Text(20)}
    place = forms.IntegerField(
        label="顺序",
        required=False,
        min_value=1,
        max_value=MOST_STEPS,
        widget=forms.NumberInput(attrs={"class": "place"}),
        error_messages={
            "invalid": "请填写整数。",
            "min_value": "顺序从 1 起。",
            "max_value": f"顺序不能大于 {MOST_STEPS}。",
        },
    )
    deadline = DeadlineField("期限", help_text="")

    class Meta:
        # The line holds seven fields.
        widgets = {"label": forms.TextInput(attrs={"size": 14}), "verb": forms.TextInput(attrs={"size": 10})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["place"] = self.instance.position


class StepPageForm(RegisterForm):
    """A step on its own page."""

    cleaners = {"label": Text(40), "verb": Text(20)}
    deadline = DeadlineField("期限")
    rule_key = forms.ChoiceField(label="期限名目", required=False, help_text=RULE_KEY_HELP)
    acknowledge_within = DeadlineField("签收期限", help_text="如 5个工作日；空为不要求签收")
    required = forms.MultipleChoiceField(
        label="通过时必填", required=False, widget=forms.CheckboxSelectMultiple, help_text="没有填写的，这一步不能通过"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk or "required" not in self.fields:
            return
        kind, step = registry.kind(self.instance.procedure.case_kind), self.instance
        rule_keys = {step.rule_key: step.rule_key} if step.rule_key else {}
        self.fields["rule_key"].choices = options(kind.rule_keys, rule_keys, empty="不按办理规则")
        self.fields["required"].choices = options(kind.needs, {code: code for code in step.required})


class OutcomeForm(RegisterForm):
    """A way in which a step ends. The procedure and its kind of case say what can be chosen."""

    cleaners = {"label": Text(40)}
    code = forms.ChoiceField(label="结论")
    closes_as = forms.ChoiceField(label="办结方式", required=False)
    deadline = DeadlineField("转入步骤的期限", help_text="")
    rule_key = forms.ChoiceField(label="期限名目", required=False)
    choices_of: dict[str, list[tuple[str, str]]]

    class Meta:
        widgets = {"label": forms.TextInput(attrs={"size": 16})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in self.choices_of.items():
            self.fields[name].choices = choices


class OutcomeRows(Rows):
    def get_unique_error_message(self, unique_check: tuple[str, ...]) -> str:
        return "同一步骤的结论不能重复。"


class OutcomeInline(OfProcedures, ScopedInline, admin.TabularInline):
    model = Outcome
    form = OutcomeForm
    formset = OutcomeRows
    fk_name = "step"
    fields = ["code", "label", "goes_to", "closes_as", "deadline", "rule_key"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("step")

    def why_fixed(self, user: User, obj: Step) -> str:
        return procedures.why_fixed(user, obj.procedure)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_formset(self, request: HttpRequest, obj: Step | None = None, **kwargs: Any) -> type:
        formset = super().get_formset(request, obj, **kwargs)
        if obj is not None:
            steps = Step.objects.filter(procedure=obj.procedure_id).order_by("position")
            goes_to = formset.form.base_fields["goes_to"]
            # Read once, not once for each line.
            goes_to.queryset = steps
            goes_to.widget.can_change_related = goes_to.widget.can_view_related = False
            goes_to.choices = [("", "（办结）"), *((step.pk, f"{step.position} {step.label}") for step in steps)]
            formset.form.choices_of = _choices_of(obj)
        return formset


def _choices_of(step: Step) -> dict[str, list[tuple[str, str]]]:
    kind = registry.kind(step.procedure.case_kind)
    stored = list(Outcome.objects.filter(step__procedure=step.procedure_id).order_by("pk"))
    codes = {row.code: row.label for row in reversed(stored)}
    return {
        "code": options(PASS | dict(kind.outcomes), codes, empty="请选择"),
        "closes_as": options(
            kind.ends, {row.closes_as: row.label for row in stored if row.closes_as}, empty="（转入下一步）"
        ),
        "rule_key": options(
            kind.rule_keys, {row.rule_key: row.rule_key for row in stored if row.rule_key}, empty="不按办理规则"
        ),
    }
