"""The web application as gunicorn serves it: `deploy.wsgi:application`."""

from werkzeug.middleware.proxy_fix import ProxyFix

from config import read_settings
from webapp import create_app

settings = read_settings()
application = create_app(settings)
if settings.https:
    # gunicorn speaks plain HTTP on loopback, so with a public https address a proxy stands in front. Without
    # its word every visitor would have the proxy's address, and login limits would count all of them as one.
    application.wsgi_app = ProxyFix(application.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
