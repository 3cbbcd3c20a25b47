from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trueup", "0004_evidence_picture")]

    operations = [
        migrations.AddField(
            model_name="check",
            name="paused_until_us",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="check",
            name="paused_reason",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
    ]
