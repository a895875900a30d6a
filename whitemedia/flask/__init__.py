"""Flask's static files through whitemedia, with `url_for("static", …)` giving names that can be cached for ever.

from whitemedia.flask import FlaskWhiteMedia

assets = FlaskWhiteMedia()
pictures = assets.add_uploads("uploads", accept="image/*")
assets.init_app(app)
"""

from whitemedia.flask.extension import PREFIX, FlaskWhiteMedia

__all__ = ["PREFIX", "FlaskWhiteMedia"]
