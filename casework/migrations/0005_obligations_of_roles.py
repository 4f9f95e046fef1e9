from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("casework", "0004_procedures_of_congresses")]

    operations = [
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                fields=["owner_congress", "owner_role"],
                condition=models.Q(owner_unit__isnull=True, owner_user__isnull=True, state="open"),
                name="obligation_open_role",
            ),
        ),
    ]
