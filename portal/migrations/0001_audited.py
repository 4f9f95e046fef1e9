"""Which tables the audit trail watches (decision 13). A table that comes later is watched by its own app's migration.

`hidden` are columns of which entries say that they were written, never what: encrypted ones, passwords, keys, what
identifies a member of the public, and the text of proposals, which is their authors' alone as long as it is a draft.
`ignored` are columns that others are computed from or that only count.
"""

from django.db import migrations

WATCH = """
SELECT audit_watch('accounts_user', label => 'username', hidden => '{password,email,phone,phone_digest}', ignored => '{last_login}',
    grants => '{administers,is_active,is_staff,is_superuser}');
SELECT audit_watch('accounts_membership', kind => 'grant');
SELECT audit_watch('accounts_securityact', label => 'reason', kind => 'grant');
SELECT audit_watch('accounts_apitoken', label => 'name', hidden => '{digest}', ignored => '{last_used_at}', kind => 'grant');
SELECT audit_watch('mfa_authenticator', label => 'type', hidden => '{data}', ignored => '{last_used_at}', kind => 'grant');
SELECT audit_watch('accounts_user_groups', kind => 'grant');
SELECT audit_watch('accounts_user_user_permissions', kind => 'grant');
SELECT audit_watch('auth_group', label => 'name', kind => 'grant');
SELECT audit_watch('auth_group_permissions', kind => 'grant');

SELECT audit_watch('bodies_congress', label => 'name');
SELECT audit_watch('bodies_term', label => 'name');
SELECT audit_watch('bodies_session', label => 'name');
SELECT audit_watch('bodies_meeting', label => 'name');
SELECT audit_watch('bodies_township', label => 'name');
SELECT audit_watch('bodies_counter', label => 'kind');
SELECT audit_watch('bodies_unit', label => 'name', hidden => '{contact_phone}', ignored => '{pinyin,initials}');
SELECT audit_watch('bodies_unitalias', label => 'alias');
SELECT audit_watch('bodies_committee', label => 'name');

SELECT audit_watch('notices_address', label => 'channel', hidden => '{address,secret}');
SELECT audit_watch('notices_noticetext', label => 'rule');

SELECT audit_watch('casework_procedure', label => 'name');
SELECT audit_watch('casework_step', label => 'label');
SELECT audit_watch('casework_outcome', label => 'label');
SELECT audit_watch('casework_case', label => 'label', hidden => '{title}', ignored => '{request_key}');
SELECT audit_watch('casework_steprun');
SELECT audit_watch('casework_event', label => 'sentence', kind => 'act', ignored => '{sentence,data}');
SELECT audit_watch('casework_obligation', label => 'verb');
SELECT audit_watch('casework_calendaryear', label => 'year');
SELECT audit_watch('casework_calendarday', label => 'name');

SELECT audit_watch('deputies_person', label => 'name', hidden => '{id_number,id_number_digest,phone,phone_digest,address,postcode,born_on,native_place}', ignored => '{pinyin,initials}');
SELECT audit_watch('deputies_delegation', label => 'name');
SELECT audit_watch('deputies_seat', label => 'certificate_no');
SELECT audit_watch('deputies_deputygroup', label => 'name');
SELECT audit_watch('deputies_groupmember');

SELECT audit_watch('ratings_ratinground', label => 'title', ignored => '{request_key}');
SELECT audit_watch('ratings_level', label => 'label');
SELECT audit_watch('ratings_subject', label => 'name');

SELECT audit_watch('duties_dutytype', label => 'name');
SELECT audit_watch('duties_dutyrecord', label => 'topic');

SELECT audit_watch('proposals_category', label => 'name');
SELECT audit_watch('proposals_outcomecategory', label => 'name');
SELECT audit_watch('proposals_handlingrules', label => 'name');
SELECT audit_watch('proposals_arrangement');
SELECT audit_watch('proposals_proposal', label => 'number', hidden => '{body,grounds,plan}');
SELECT audit_watch('proposals_cosignature', hidden => '{text_digest}');
SELECT audit_watch('proposals_gatecheck', label => 'gate');
SELECT audit_watch('proposals_withdrawal');
SELECT audit_watch('proposals_withdrawalconsent');
SELECT audit_watch('proposals_milestone', label => 'kind');
SELECT audit_watch('proposals_handlinground');
SELECT audit_watch('proposals_distribution');
SELECT audit_watch('proposals_assignment');
SELECT audit_watch('proposals_returnrequest');
SELECT audit_watch('proposals_extensionrequest');
SELECT audit_watch('proposals_assistopinion');
SELECT audit_watch('proposals_contact');
SELECT audit_watch('proposals_feedback');
SELECT audit_watch('proposals_commitment', label => 'matter');
SELECT audit_watch('proposals_commitmentstep');
SELECT audit_watch('proposals_reply', label => 'document_no', hidden => '{contact_phone}');
SELECT audit_watch('proposals_inpersonreply');
SELECT audit_watch('proposals_attachment', label => 'name');
SELECT audit_watch('proposals_oversight', label => 'kind');
SELECT audit_watch('proposals_inspection', ignored => '{request_key}');
SELECT audit_watch('proposals_inspection_items');
SELECT audit_watch('proposals_rectification', label => 'demand');
SELECT audit_watch('proposals_evaluation');
SELECT audit_watch('proposals_scoringscheme', label => 'name');
SELECT audit_watch('proposals_scoringitem', label => 'name');
SELECT audit_watch('proposals_manualscore');
SELECT audit_watch('proposals_scoreline');

SELECT audit_watch('training_trainingclass', label => 'name');
SELECT audit_watch('training_attendance');

SELECT audit_watch('liaison_stations_station', label => 'name', hidden => '{phone}');
SELECT audit_watch('liaison_stations_stationdeputy');
SELECT audit_watch('liaison_stations_reception', hidden => '{visitor,contact}');
SELECT audit_watch('liaison_stations_opinionitem');

SELECT audit_watch('appointments_appointment', label => 'name');

SELECT audit_watch('reports_reportrun', label => 'year', ignored => '{sheet,sheet_number,attempts,error}');
"""
UNWATCH = """
SELECT audit_unwatch(tgrelid::regclass) FROM pg_trigger WHERE tgname = 'audit_changed' AND NOT tgisinternal;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("accounts", "0005_api"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("appointments", "0001_initial"),
        ("bodies", "0002_meeting_township"),
        ("casework", "0006_events_with_versions"),
        ("deputies", "0002_digests"),
        ("duties", "0001_initial"),
        ("liaison_stations", "0001_initial"),
        ("notices", "0003_digests_with_overseen"),
        ("proposals", "0008_scoring_scheme_version"),
        ("ratings", "0004_rights_changes_stand"),
        ("reports", "0001_initial"),
        ("training", "0001_initial"),
    ]

    operations = [migrations.RunSQL(WATCH, UNWATCH)]
