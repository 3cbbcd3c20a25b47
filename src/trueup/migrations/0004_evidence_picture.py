
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trueup", "0003_check_tags")]

    operations = [
        migrations.AddField(
            model_name="evidence",
            name="picture",
            field=models.BinaryField(null=True),
        ),
    ]
