from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trueup", "0002_guard_the_ledger")]

    operations = [
        migrations.AddField(
            model_name="check",
            name="tags",
            field=models.JSONField(default=list),
        ),
    ]
