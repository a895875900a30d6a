"""The same without a framework: a form, a list, an upload. Werkzeug, which whitemedia needs anyway, reads the form."""

import html
import os
from pathlib import Path

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from whitemedia import WhiteMedia
from whitemedia.media.uploads import MediaStore

store = MediaStore(Path(os.environ.get("DATA_FOLDER", "data")) / "files", "/files/", max_size=5 * 1024 * 1024)

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Files</title>
<form method="post" enctype="multipart/form-data">
  <input type="file" name="file" accept="{accept}" required> <button>Upload</button>
</form>
<ul>{items}</ul>
</html>
"""
ITEM = '<li><a href="{url}">{name}</a> <form method="post" action="/delete"><button name="name" value="{name}">Delete</button></form></li>'


def show():
    items = "".join(ITEM.format(url=store.url(name), name=html.escape(name)) for name in store.names())
    return Response(PAGE.format(accept=store.accept, items=items), mimetype="text/html")


def answer(request):
    if request.path == "/delete" and request.method == "POST":
        store.delete(request.form["name"])
        return redirect("/", 303)
    if request.path != "/":
        raise NotFound
    if request.method == "POST":
        store.save(request.files["file"])
        return redirect("/", 303)
    return show()


@Request.application
def application(request):
    request.max_content_length = 20 * 1024 * 1024
    try:
        return answer(request)
    except HTTPException as error:  # an UploadError is one
        return error


app = WhiteMedia(application)
app.add_media(store.root, store.prefix)
