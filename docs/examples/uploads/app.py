"""Pictures that anybody may see, and documents for who has logged in: uploaded, shown, handed off, deleted."""

import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from flask import Flask, abort, redirect, render_template, request, session, url_for

from whitemedia import WhiteMedia
from whitemedia.media.upload_errors import UploadError
from whitemedia.media.uploads import MediaStore

DATA = Path(os.environ.get("DATA_FOLDER", "data")).absolute()
MB = 1024 * 1024

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ.get("SECRET_KEY", "only for trying it out")
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
app.config["MAX_CONTENT_LENGTH"] = 20 * MB

pictures = MediaStore(
    DATA / "pictures", "/media/", accept="image/*", max_size=5 * MB, quota=200 * MB, widths=(320,)
)
documents = MediaStore(DATA / "documents", "/protected/", accept=".pdf,.txt,.csv,.docx,.zip", max_size=10 * MB)

app.wsgi_app = wm = WhiteMedia(app.wsgi_app, root=app.static_folder, prefix="/static/")
wm.add_media(pictures.root, pictures.prefix)
wm.add_private(documents.root, documents.prefix)


@app.errorhandler(UploadError)
def tell(error):
    """What the user may know, as text: the page shows it beside the form."""
    return error.description, error.code, {"Content-Type": "text/plain; charset=utf-8"}


@app.get("/")
def index():
    return render_template("index.html", pictures=pictures, documents=documents)


@app.post("/pictures")
def add_picture():
    stored = pictures.save(request.files["file"], clean=True)
    with suppress(UploadError):  # where there is no room for them, the picture is shown itself
        pictures.thumbnails(stored.name)  # a busy site has a worker do that
    return {"name": stored.name, "url": stored.url, "size": stored.size}, 201


@app.post("/pictures/<name>/delete")
def delete_picture(name):
    if "user" not in session:
        abort(403)
    if not pictures.delete(name):
        abort(404)
    return redirect(url_for("index"), 303)


@app.post("/documents")
def add_document():
    if "user" not in session:
        abort(403)
    stored = documents.save(request.files["file"])
    return {"name": stored.name, "url": url_for("document", name=stored.name), "size": stored.size}, 201


@app.get("/documents/<name>")
def document(name):
    """Decides, and hands the file off; without a Content-Type here, that is whitemedia's to choose."""
    if "user" not in session:
        abort(403)
    return "", {"X-Accel-Redirect": quote(documents.prefix + name), "Content-Type": ""}


@app.post("/login")
def login():
    """A name is enough here."""
    session["user"] = request.form["user"]
    return redirect(url_for("index"), 303)
