"""What people type. Forms check shape only; every rule lies in the services."""

from proposals.forms.assigning import AssignForm, DistributeForm
from proposals.forms.base import PlainForm
from proposals.forms.committing import (
    ChangeCommitmentForm,
    CommitForm,
    LookBackForm,
    RateCommitmentForm,
    ReportCommitmentForm,
    VerifyCommitmentForm,
)
from proposals.forms.drafting import DraftForm
from proposals.forms.marking import ConvertForm, GateForm, KeyForm, MilestoneForm, NoLongerKeyForm
from proposals.forms.rating import CloseUnratedForm, RateForm
from proposals.forms.replying import ContactForm, InPersonForm, ReplyForm
from proposals.forms.requesting import (
    DecideExtensionForm,
    DecideReturnForm,
    ExtendForm,
    OpinionForm,
    ReassignForm,
    ReturnForm,
    SendBackForm,
)
from proposals.forms.reviewing import ReviewForm

__all__ = [
    "AssignForm",
    "ChangeCommitmentForm",
    "CloseUnratedForm",
    "CommitForm",
    "ContactForm",
    "ConvertForm",
    "DecideExtensionForm",
    "DecideReturnForm",
    "DistributeForm",
    "DraftForm",
    "ExtendForm",
    "GateForm",
    "InPersonForm",
    "KeyForm",
    "LookBackForm",
    "MilestoneForm",
    "NoLongerKeyForm",
    "OpinionForm",
    "PlainForm",
    "RateCommitmentForm",
    "RateForm",
    "ReassignForm",
    "ReplyForm",
    "ReportCommitmentForm",
    "ReturnForm",
    "ReviewForm",
    "SendBackForm",
    "VerifyCommitmentForm",
]
