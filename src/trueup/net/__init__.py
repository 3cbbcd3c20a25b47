"""Reach out: every outbound connection of the product is judged, resolved and opened here."""
