from django.db import migrations

FORBID = """
CREATE TRIGGER ratings_rightschange_append_only BEFORE UPDATE OR DELETE ON ratings_rightschange
    FOR EACH ROW EXECUTE FUNCTION ratings_vote_stands();
"""
ALLOW = "DROP TRIGGER ratings_rightschange_append_only ON ratings_rightschange;"


class Migration(migrations.Migration):
    dependencies = [("ratings", "0003_rightschange")]

    operations = [migrations.RunSQL(FORBID, ALLOW)]
