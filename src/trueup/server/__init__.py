"""The standalone site: settings, urls, wsgi, and the processes that serve it."""
