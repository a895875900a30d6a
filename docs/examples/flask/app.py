"""A Flask application whose static files whitemedia serves, with Flask's own static route still behind it."""

import os

from flask import Flask, render_template

from whitemedia import WhiteMedia

app = Flask(__name__, static_folder=os.environ.get("STATIC_FOLDER", "static"), static_url_path="/static")
app.wsgi_app = WhiteMedia(app.wsgi_app, root=app.static_folder, prefix="/static/")


@app.route("/")
def index():
    return render_template("index.html")
