"""Every address of the portal, every role, own rows and others': what each answers stands here.

A new address without a line fails. The cells are status codes to GET; ``-`` in the place of rows that the address does
not have.
"""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, get_resolver, reverse

from casework.models import Case
from deputies.models import Person
from proposals.models import Proposal
from tests.admin.conftest import url
from tests.admin.test_admin_rights import RIGHTS
from tests.attacks.api_lines import API, API_PAGES
from tests.attacks.conftest import Realm

ROLES = [
    "staff",
    "leader",
    "gov_office",
    "unit",
    "police",
    "township",
    "deputy",
    "other_deputy",
    "administrator",
    "hatless",
    "stranger",
    "committee",
    "security",
    "auditor",
]
R = 302
#                            row            staff lead gov  unit pol  town dep  dep2 adm  none foreign comm safe audit
WORKBENCH: list[tuple] = [
    ("casework:home",          "",            200, 200, 200, 200, 200, 200, 200, 200, R,   200, 200, 200, R,   R),
    ("casework:overdue",       "",            200, 200, 200, 404, 404, 404, 404, 404, 404, 404, 200, 200, 404, 404),
    ("casework:urge",          "obligation",  405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("wear",                   "none",        405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("large_type",             "",            405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("notices:inbox",          "",            200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200),
    ("notices:read_all",       "",            405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("notices:addresses",      "",            200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200),
    # Whose digest: tests/notices/test_digests.py.
    ("notices:digest",         "message",     404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("notices:read",           "message",     405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("notices:open",           "message",     R,   404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("notices:open",           "f_message",   404, 404, 404, 404, 404, 404, 404, 404, 404, 404, R, 404, 404, 404),
    ("proposals:list",         "",            200, 200, 200, 200, 200, 200, 200, 200, 404, 404, 200, 200, 404, 404),
    ("proposals:new",          "",            R,   R,   R,   R,   R,   R,   200, 200, R,   R,   R, R  , R,   R),
    ("proposals:autosave-new", "",            405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("proposals:case",         "draft",       404, 404, 404, 404, 404, 404, 200, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:case",         "under_review", 200, 200, 404, 404, 404, 200, 200, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:case",         "returned",    200, 200, 404, 404, 404, 200, 200, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:case",         "hidden",      200, 200, 200, 200, 404, 200, 200, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:case",         "disclosed",   200, 200, 200, 200, 404, 200, 200, 200, 404, 404, 404, 200, 404, 404),
    ("proposals:case",         "foreign",     404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:case",         "foreign_draft", 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:edit",         "draft",       404, 404, 404, 404, 404, 404, 200, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:edit",         "returned",    409, 409, 404, 404, 404, 409, 200, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:edit",         "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:autosave",     "draft",       405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("proposals:acknowledge",  "hidden",      405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("proposals:review",       "under_review", 200, 409, 404, 404, 404, 409, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:review",       "foreign",     404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:assign",       "under_review", 409, 409, 404, 404, 404, 409, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:contact",      "disclosed",   409, 409, 409, 200, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:reply",        "disclosed",   409, 409, 409, 200, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:reply",        "hidden",      409, 409, 409, 409, 404, 409, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:rate",         "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:close-unrated", "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:commit", "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:commitment-report", "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:commitment-verify", "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:commitment-change", "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:look-back", "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:commitment-rate", "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:vote-new",     "",            200, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:commitments",  "",            200, 200, 200, 200, 200, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:commitments-file", "",        200, 200, 200, 200, 200, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:export",       "",            200, 200, 200, 200, 200, 200, 200, 200, 404, 404, 200, 200, 404, 404),
    ("proposals:print",        "",            200, 200, 200, 200, 200, 200, 200, 200, 404, 404, 200, 200, 404, 404),
    ("proposals:catalogue",    "",            200, 200, 200, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:catalogue-file", "",          404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:submit",       "draft",       404, 404, 404, 404, 404, 404, R,   404, 404, 404, 404, 404, 404, 404),
    ("proposals:submit",       "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:invite",       "draft",       404, 404, 404, 404, 404, 404, 200, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:invite",       "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:cosign",       "draft",       404, 404, 404, 404, 404, 404, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:cosign",       "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:withdraw",     "under_review", 200, 409, 404, 404, 404, 409, 200, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:withdraw",     "disclosed",   200, 409, 409, 409, 404, 409, 200, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:consent",      "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:gate",         "under_review", 200, 409, 404, 404, 404, 200, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:convert",      "under_review", 200, 409, 404, 404, 404, 409, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:key",          "hidden",      200, 409, 409, 409, 404, 409, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:milestone",    "hidden",      200, 409, 409, 409, 404, 409, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:milestone",    "foreign",     404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 409, 404, 404, 404),
    ("proposals:distribute",   "hidden",      409, 409, 409, 409, 404, 409, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:return",       "disclosed",   409, 409, 409, 200, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:return",       "hidden",      409, 409, 409, 200, 404, 409, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:decide-return", "disclosed",  409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:reassign",     "disclosed",   200, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:extend",       "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:decide-extension", "disclosed", 409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:opinion",      "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:send-back",    "disclosed",   409, 409, 409, 409, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:reply-preview", "disclosed",  405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("proposals:in-person",    "disclosed",   409, 409, 409, 200, 404, 409, 409, 409, 404, 404, 404, 409, 404, 404),
    ("proposals:in-person",    "hidden",      409, 409, 409, 409, 404, 409, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:file-add",     "disclosed",   405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("proposals:file-remove",  "disclosed,none", 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    # Who reads files and papers that are there: tests/proposals/test_attachments_pages.py, test_papers_*.py.
    ("proposals:file",         "disclosed,none", 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:reply-letter", "disclosed,none", 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:feedback-paper", "disclosed,none", 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:in-person-paper", "disclosed,none", 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:return-paper", "disclosed,none", 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:extension-paper", "disclosed,none", 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:oversee",      "hidden",      200, 409, 409, 409, 404, 409, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:oversee",      "foreign",     404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 409, 404, 404, 404),
    ("proposals:lift",         "hidden",      409, 409, 409, 409, 404, 409, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:rectify",      "hidden",      409, 409, 409, 409, 404, 409, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:evaluate",     "hidden",      200, 409, 409, 409, 404, 409, 409, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:oversight",    "",            200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:oversight-items", "",         200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:oversight-lights", "",        200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:evaluations",  "",            200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:inspections",  "",            200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:inspection-new", "",          200, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:coverage",     "",            200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:coverage-file", "",           200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:coverage-unit", "none",       404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:scoring",      "",            200, 200, 404, 200, 200, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("proposals:scoring-new",  "",            405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    # Who reads rows that are there: tests/proposals/oversight.
    ("proposals:inspection",   "none",        404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:scoring-scheme", "none",      404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:scoring-items", "none",       404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:scoring-activate", "none",    405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("proposals:scoring-close", "none",       405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("proposals:scoring-file", "none",        404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:scoring-unit", "none,none",   404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("proposals:scoring-rows", "none,none,none", 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("deputies:roster",        "",            200, 200, 200, 404, 404, 200, 404, 404, 404, 404, 200, 200, 404, 404),
    ("deputies:me",            "",            404, 404, 404, 404, 404, 404, 200, 200, 404, 404, 404, 404, 404, 404),
    ("deputies:person",        "person",      200, 200, 200, 200, 200, 200, 200, 200, 404, 404, 404, 200, 404, 404),
    ("deputies:person",        "elsewhere",   200, 200, 200, 200, 200, 404, 200, 200, 404, 404, 404, 200, 404, 404),
    ("deputies:person",        "f_person",    404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("deputies:look",          "person",      405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("deputies:my-report",        "",            404, 404, 404, 404, 404, 404, 200, 200, 404, 404, 404, 404, 404, 404),
    ("deputies:my-report-file",   "",            404, 404, 404, 404, 404, 404, 200, 200, 404, 404, 404, 404, 404, 404),
    ("deputies:my-corrections",   "",            404, 404, 404, 404, 404, 404, 200, 200, 404, 404, 404, 404, 404, 404),
    ("deputies:withdraw-correction", "none",        405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("deputies:report",           "person",      405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("deputies:report-file",      "person",      405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("deputies:corrections",      "",            200, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    # Who reads rows that are there: tests/deputies/test_corrections.py.
    ("deputies:correction",       "none",        404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("deputies:look-correction",  "none",        405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("deputies:retention",        "",            200, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    #                          row            staff lead gov  unit pol  town dep  dep2 adm  none foreign comm safe audit
    ("duties:groups",          "",            404, 404, 404, 404, 404, 404, R,   200, 404, 404, 404, 404, 404, 404),
    ("duties:group",           "group",       200, 200, 404, 404, 404, 404, 200, 404, 404, 404, 404, 404, 404, 404),
    ("duties:group",           "foreign_group", 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("duties:activity-register", "group",     404, 404, 404, 404, 404, 404, 200, 404, 404, 404, 404, 404, 404, 404),
    ("duties:enter",           "group",       404, 404, 404, 404, 404, 404, 200, 404, 404, 404, 404, 404, 404, 404),
    ("duties:entered",         "group,entered", 404, 404, 404, 404, 404, 404, 200, 404, 404, 404, 404, 404, 404, 404),
    ("duties:entered-take-back", "group,entered", 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("duties:activity",        "activity",    200, 200, 404, 404, 404, 404, 200, 404, 404, 404, 404, 404, 404, 404),
    ("duties:activity-correct", "activity",   200, 404, 404, 404, 404, 404, 200, 404, 404, 404, 404, 404, 404, 404),
    ("duties:activity-take-back", "activity", 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("reports:overview",       "",            200, 200, 200, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("reports:annual",         "",            200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("reports:overview-of-year", "year",      200, 200, 200, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("reports:runs",           "",            200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("reports:ask",            "",            405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("reports:cancel",         "report",      405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("reports:download",       "report",      200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("reports:download",       "foreign_report", 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("reports:sheet",          "year,by_unit", 200, 200, 200, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("reports:sheet",          "year,structure", 200, 200, 200, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("reports:figure",         "year,figure", 200, 200, 200, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("ratings:list",            "",            200, 200, 200, 200, 200, 200, 200, 200, 404, 404, 200, 200, 404, 404),
    ("ratings:new",             "",            200, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404, 404, 404),
    ("ratings:round",           "rating",      200, 200, 404, 404, 404, 404, 200, 404, 404, 404, 404, 404, 404, 404),
    ("ratings:edit",            "rating",      409, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("ratings:delete",          "rating",      405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("ratings:voters",          "rating",      200, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("ratings:voters-remove",   "rating",      405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("ratings:codes",           "rating",      200, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("ratings:codes-print",     "rating",      200, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("ratings:open",            "rating",      405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("ratings:close",           "rating",      405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("ratings:publish",         "rating",      409, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("ratings:vote",            "rating",      404, 404, 404, 404, 404, 404, 200, 404, 404, 404, 404, 404, 404, 404),
    ("ratings:paper",           "rating",      200, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("ratings:paper-correct",   "rating,none", 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("ratings:results",         "rating",      200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("ratings:results-file",    "rating",      200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("ratings:ballots",         "rating",      200, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("ballot:enter",            "",            200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200),
    ("ballot:vote",             "none",        404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("accounts:security",      "",            200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200),
    # Who ends which session: tests/accounts/test_sessions.py.
    ("accounts:end_session",   "none",        405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    # The security administrator: tests/accounts/test_locking.py.
    ("accounts:guard",         "",            404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 404),
    ("accounts:unlock",        "none",        405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    ("accounts:remove_second_factor", "none", 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    # Whose: tests/accounts/test_tokens_of_others.py.
    ("accounts:tokens",        "",            200, 404, 404, 404, 404, 404, 404, 404, 200, 404, 200, 404, 200, 404),
    ("accounts:revoke_token",  "none",        405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405),
    # An identity provider that is not set up does not exist: tests/accounts/test_provider.py.
    ("openid_connect_login",   "office",      404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("openid_connect_callback", "office",     404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404),
    ("healthz",                "",            503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503),
]  # fmt: skip
OPEN_TO_ALL = {
    "healthz", "ballot:enter", "ballot:vote", "account_login", "account_logout", "account_inactive",
    "openid_connect_login", "openid_connect_callback",
}  # fmt: skip
ACCOUNT_PAGES = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_generate_recovery_codes",
    "usersessions_list",
}
# To who has the factor or the codes; to others there are none: tests/accounts/test_second_factor.py.
OF_A_FACTOR = {"mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_download_recovery_codes", "mfa_remove_webauthn"}
CLOSED = {
    "account_signup": [], "account_email": [], "account_email_verification_sent": [], "account_set_password": [],
    "account_reset_password": [], "account_confirm_login_code": [], "account_confirm_email": ["k:1:x"],
    "account_reset_password_from_key_done": [], "account_reset_password_from_key": ["1", "set-password"],
    "account_reset_password_done": [], "mfa_edit_webauthn": ["1"],
}  # fmt: skip
ADMIN_PAGES = {
    "index",
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "autocomplete",
    "jsi18n",
    "view_on_site",
    "app_list",
    "?",
}
PAGES_OF_A_REGISTER = ["changelist", "print", "add", "change", "delete", "history"]
# Staff, leader, administrator.
FORMS = {
    f"{register}_{page}": statuses
    for register, export in {
        "proposals_proposal": 200, "bodies_unit": 200, "duties_dutyrecord": 200, "training_trainingclass": 200,
        "appointments_appointment": 200, "deputies_seat": 403, "liaison_stations_station": 403,
        "liaison_stations_reception": 403,
    }.items()
    for page, statuses in (("import", (200, 403, 403)), ("template", (200, 403, 403)), ("export", (200, export, 403)))
}  # fmt: skip
# Who may copy and put into force: tests/admin/test_admin_procedures.py, test_admin_arrangements.py.
COPIES = ["casework_procedure_copy", "casework_procedure_activate", "proposals_handlingrules_copy"]
# Who may send again: tests/notices/test_notices_admin.py.
AGAIN = ["notices_notice_again", "notices_digest_again"]
# The audit administrator's alone: tests/audit/test_register.py.
AUDIT = ["audit_entry_export"]
OUTSIDERS = ["hatless"]  # the other roles: tests/admin


def names(patterns: list, within: tuple[str, ...] = ()) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield ":".join([*within, pattern.name or "?"])
        else:
            yield from names(pattern.url_patterns, (*within, pattern.namespace) if pattern.namespace else within)


@pytest.mark.django_db
def test_every_address_has_its_line() -> None:
    lined = {line[0] for line in WORKBENCH + API + API_PAGES} | ACCOUNT_PAGES | OF_A_FACTOR | set(CLOSED) | {"?"}
    lined |= {"api_unknown"} | {
        f"admin:{name}" for name in [*ADMIN_PAGES, *FORMS, *COPIES, *AGAIN, *AUDIT, "auth_user_password_change"]
    }
    lined |= {
        f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
        for model in RIGHTS
        for page in PAGES_OF_A_REGISTER
    }
    assert set(names(get_resolver().url_patterns)) == lined
    assert set(admin.site._registry) == set(RIGHTS)


def arguments(realm: Realm, rows: str) -> list[object]:
    named = {model.__name__: model for model in RIGHTS}
    found = {
        **{f"own {name}": realm.registers.own[model].pk for name, model in named.items()},
        **{f"foreign {name}": row.pk for name, model in named.items() if (row := realm.registers.foreign.get(model))},
        "unknown": "no-such-address/", "office": "office",
        "none": 0, "year": 2026, "figure": "proposals", "by_unit": "by-unit", "structure": "structure", "person": realm.world.seat.person_id, "elsewhere": realm.world.other_seat.person_id,
        "f_person": realm.registers.foreign[Person].pk, "f_message": realm.foreign_message.pk,
    }  # fmt: skip
    return [found[row] if row in found else getattr(realm, row).pk for row in rows.split(",") if row]


@pytest.mark.parametrize("role", ROLES)
def test_workbench(realm: Realm, role: str) -> None:
    client, place = realm.client(role), 2 + ROLES.index(role)
    wrong = []
    for line in WORKBENCH + API + API_PAGES:
        address = reverse(line[0], args=arguments(realm, line[1]))
        found = client.get(address).status_code
        if found != line[place] and not (line[0] == "healthz" and found == 200):
            wrong.append((line[0], line[1], line[place], found))
    assert wrong == []


def test_head_answers_as_get_does(realm: Realm) -> None:
    client = realm.client("staff")
    lines = WORKBENCH + API + API_PAGES
    addresses = [reverse(line[0], args=arguments(realm, line[1])) for line in lines if line[2] == 200]
    assert [address for address in addresses if client.head(address).status_code != 200] == []


def test_a_program_that_is_not_logged_in_is_told_so(realm: Realm) -> None:
    client = realm.client("anonymous")
    for line in API:
        address = reverse(line[0], args=arguments(realm, line[1]))
        for method in ("get", "post", "put", "patch", "delete"):
            response = getattr(client, method)(address)
            assert (response.status_code, response["WWW-Authenticate"]) == (401, "Token"), (line, method)
            assert response.json() == {"detail": "请先登录，或者在 Authorization 里带上接口令牌。"}


def test_who_is_not_logged_in_is_sent_to_the_one_door(realm: Realm) -> None:
    client = realm.client("anonymous")
    for line in WORKBENCH + API_PAGES:
        if line[0] in OPEN_TO_ALL or 405 in line:
            continue
        response = client.get(reverse(line[0], args=arguments(realm, line[1])))
        assert response.status_code == 302, line
        assert response["Location"].startswith("/accounts/login/"), line
    for line in WORKBENCH:
        if 405 in line and line[0] != "large_type":
            response = client.post(reverse(line[0], args=arguments(realm, line[1])))
            # What a script asks is answered in words that it shows, not by a page.
            door = (401, "") if "autosave" in line[0] else (302, "/accounts/login/")
            assert (response.status_code, response.headers.get("Location", "")[:16]) == door, line


@pytest.mark.parametrize("role", ["anonymous", *ROLES])
def test_pages_of_the_log_in_library(realm: Realm, role: str) -> None:
    client = realm.client(role)
    for name, args in CLOSED.items():
        for method in ("get", "post", "head"):
            assert getattr(client, method)(reverse(name, args=args)).status_code == 404, (name, method)
    for name in ACCOUNT_PAGES:
        if name != "account_logout":
            expected = {200, 302} if role != "anonymous" or name in OPEN_TO_ALL else {302}
            assert client.get(reverse(name)).status_code in expected, name
    for name in OF_A_FACTOR - {"mfa_remove_webauthn"}:
        assert client.get(reverse(name)).status_code == (302 if role == "anonymous" else 404), name


@pytest.mark.parametrize("role", OUTSIDERS)
def test_admin_is_closed_to_others(realm: Realm, role: str) -> None:
    client = realm.client(role)
    addresses = [reverse(f"admin:{name}") for name in FORMS]
    addresses += [url(model, "change", row.pk) for model, row in realm.registers.own.items()]
    addresses += [url(model, page) for model in RIGHTS for page in ("changelist", "print", "add")]
    addresses += ["/admin/", "/admin/autocomplete/?app_label=deputies&model_name=seat&field_name=person", "/admin/jsi18n/",
                  "/admin/password_change/", reverse("admin:auth_user_password_change", args=[realm.world.staff.pk])]  # fmt: skip
    for address in addresses:
        for method in ("get", "post"):
            assert getattr(client, method)(address, follow=True).status_code in (403, 405), (address, method)


@pytest.mark.parametrize(("role", "place"), [("staff", 0), ("leader", 1), ("administrator", 2)])
def test_forms_and_passwords_in_the_admin(realm: Realm, role: str, place: int) -> None:
    client = realm.client(role)
    found = {name: client.get(reverse(f"admin:{name}")).status_code for name in FORMS}
    assert found == {name: line[place] for name, line in FORMS.items()}
    own, other = realm.world.unit_user, realm.world.stranger
    for user, expected in (
        (own, (200, 403, 200)),
        (other, (404, 403, 200)),
        # His own he changes in the personal menu.
        (realm.registers.users["administrator"], (404, 403, 403)),
    ):
        status = client.get(reverse("admin:auth_user_password_change", args=[user.pk])).status_code
        assert status in (expected[place], 404 if expected[place] == 403 else expected[place]), user


@pytest.mark.parametrize("role", ["staff", "leader", "administrator"])
def test_shortcut_of_the_admin_tells_nothing_of_rows_out_of_view(realm: Realm, role: str) -> None:
    client = realm.client(role)
    for model in (Proposal, Case):
        kind = ContentType.objects.get_for_model(model).pk
        for row in (realm.draft, realm.foreign):
            assert client.get(reverse("admin:view_on_site", args=[kind, row.pk])).status_code in (403, 404), (
                model,
                row,
            )
