"""Every setting: its name, meaning and default, in one place; read once, from the environment.

Nothing else in the product reads ``os.environ``.
"""
