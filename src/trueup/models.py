from trueup.store.models import *  # noqa: F403  (Django looks for models here)
