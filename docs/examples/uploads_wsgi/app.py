"""The same without a framework: uploads that anybody may see, and documents for who has a key.

Werkzeug, which whitemedia needs anyway, reads the forms.
"""

import hmac
import html
import os
from pathlib import Path
from urllib.parse import quote

from werkzeug.exceptions import Forbidden, HTTPException, NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from whitemedia import WhiteMedia
from whitemedia.media.uploads import MediaStore

DATA = Path(os.environ.get("DATA_FOLDER", "data"))
KEY = os.environ.get("KEY", "only for trying it out")

store = MediaStore(DATA / "files", "/files/", max_size=5 * 1024 * 1024)
documents = MediaStore(DATA / "documents", "/protected/", accept=".pdf,.txt,.csv,.zip")

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Files</title>
<form method="post" enctype="multipart/form-data">
  <input type="file" name="file" accept="{accept}" required> <button>Upload</button>
</form>
<ul>{items}</ul>
<h1>Documents</h1>
{documents}
</html>
"""
LOGIN = '<form method="post" action="/login"><input name="key" type="password"> <button>Show them</button></form>'
DOCUMENTS = """<form method="post" action="/documents/" enctype="multipart/form-data">
  <input type="file" name="file" accept="{accept}" required> <button>Upload</button>
</form>
<ul>{items}</ul>"""
DOCUMENT = '<li><a href="/documents/{url}">{name}</a></li>'
ITEM = '<li><a href="{url}">{name}</a> <form method="post" action="/delete"><button name="name" value="{name}">Delete</button></form></li>'


def show(request):
    items = "".join(ITEM.format(url=store.url(name), name=html.escape(name)) for name in store.names())
    shown = show_documents() if has_key(request) else LOGIN
    return Response(PAGE.format(accept=store.accept, items=items, documents=shown), mimetype="text/html")


def show_documents():
    items = "".join(DOCUMENT.format(url=quote(name), name=html.escape(name)) for name in documents.names())
    return DOCUMENTS.format(accept=documents.accept, items=items)


def has_key(request):
    return hmac.compare_digest(request.cookies.get("key", "").encode(), KEY.encode())


def log_in(request):
    response = redirect("/", 303)
    response.set_cookie("key", request.form["key"], httponly=True, samesite="Lax")
    return response


def answer_for_documents(request, name):
    """Decides, and hands the file off: without a Content-Type here, that is whitemedia's to choose."""
    if not has_key(request):
        raise Forbidden
    if request.method == "POST":
        documents.save(request.files["file"])
        return redirect("/", 303)
    return Response(headers={"X-Accel-Redirect": quote(documents.prefix + name), "Content-Type": ""})


def answer(request):
    if request.path == "/delete" and request.method == "POST":
        store.delete(request.form["name"])
        return redirect("/", 303)
    if request.path == "/login" and request.method == "POST":
        return log_in(request)
    if request.path.startswith("/documents/"):
        return answer_for_documents(request, request.path.removeprefix("/documents/"))
    if request.path != "/":
        raise NotFound
    if request.method == "POST":
        store.save(request.files["file"])
        return redirect("/", 303)
    return show(request)


@Request.application
def application(request):
    request.max_content_length = 20 * 1024 * 1024
    try:
        return answer(request)
    except HTTPException as error:  # an UploadError is one
        return error


app = WhiteMedia(application)
app.add_media(store.root, store.prefix)
app.add_private(documents.root, documents.prefix)
