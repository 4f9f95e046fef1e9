from django.db import migrations

FORBID = """
CREATE FUNCTION casework_event_is_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of a case is append-only';
END $$;
CREATE TRIGGER casework_event_append_only BEFORE UPDATE OR DELETE ON casework_event
    FOR EACH ROW EXECUTE FUNCTION casework_event_is_history();
"""
ALLOW = """
DROP TRIGGER casework_event_append_only ON casework_event;
DROP FUNCTION casework_event_is_history();
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial")]

    operations = [migrations.RunSQL(FORBID, ALLOW)]
