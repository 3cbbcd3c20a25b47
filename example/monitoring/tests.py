"""How a project tries its own code that asks trueup: `ENVIRONMENT=test python manage.py test`."""

from django.test import TestCase

from monitoring.uptime import UptimeMonitor
from trueup.testing import history


class BannerTest(TestCase):
    """A banner that names what is down."""

    def test_names_what_is_down(self) -> None:
        history("up 2 h, down 5 min", component="frontend")
        history("up 2 h, down 5 min, up", component="backend")

        status = UptimeMonitor().get_all_components_status()

        self.assertEqual([slug for slug, each in status.items() if each["status"] == "down"], ["frontend"])
        self.assertEqual(status["backend"]["uptime"]["24h"], 96.296)

    def test_nothing_is_asked_in_a_test(self) -> None:
        results = UptimeMonitor().check_all_sync()

        self.assertEqual({each.status for each in results}, {"unknown"})
