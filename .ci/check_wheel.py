"""The wheel as a user has it: installed alone, typed, and serving."""

import importlib.metadata
import logging
import subprocess
import sys
import tempfile
from pathlib import Path
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import whitemedia

package = Path(whitemedia.__file__).parent
assert "site-packages" in package.parts, f"not the installed package: {package}"
assert (package / "py.typed").is_file(), "py.typed is missing: type checkers would not look"
assert importlib.metadata.version("whitemedia") == whitemedia.__version__
assert not (package.parent / "tests").exists(), "the tests were packaged too"
assert not (package.parent / "benchmarks").exists(), "the benchmarks were packaged too"

command = Path(sys.executable).with_name("whitemedia")
said = subprocess.run([command, "--version"], check=True, capture_output=True, text=True).stdout
assert said == f"whitemedia {whitemedia.__version__}\n", said

logging.basicConfig(level=logging.INFO)
with tempfile.TemporaryDirectory() as root:
    text = b"body { color: green }\n" * 100
    (Path(root) / "style.css").write_bytes(text)
    application = validator(
        whitemedia.WhiteMedia(lambda environ, start_response: [], root=root, prefix="/static/")
    )
    environ = {
        "SCRIPT_NAME": "",
        "PATH_INFO": "/static/style.css",
        "QUERY_STRING": "",
        "HTTP_ACCEPT_ENCODING": "br",
    }
    setup_testing_defaults(environ)
    answer = {}
    body = application(environ, lambda status, headers, exc_info=None: answer.update(headers, status=status))
    length = sum(map(len, body))
    body.close()
assert answer["status"] == "200 OK", answer
assert answer["Content-Encoding"] == "br", answer
assert length == int(answer["Content-Length"]) < len(text), answer
print(f"whitemedia {whitemedia.__version__}: the wheel is whole")
