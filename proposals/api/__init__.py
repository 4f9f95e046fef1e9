"""Proposals in the API: list, one with what may be done about it, every act; and the registers beside them."""

from proposals.api.acts import ACT_VIEWS
from proposals.api.proposals import ProposalsView, ProposalView
from proposals.api.registers import REGISTERS

__all__ = ["ACT_VIEWS", "REGISTERS", "ProposalView", "ProposalsView"]
