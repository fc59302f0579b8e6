"""The API's description as one HTML document: no script, nothing fetched, no token in it."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: dark light; font: 15px/1.5 system-ui, "Noto Sans", sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem 1rem 4rem; }
details { border-top: 1px solid #8886; padding: .4rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .8rem; background: #8882; border-radius: 8px; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; }
td, th { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; border-top: 1px solid #8883; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 600; }
"""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""The header fields that the document is sent with."""


def document(openapi: Mapping[str, Any]) -> str:
    """The HTML of an OpenAPI 3.1 document, as FastAPI makes it."""
    info, groups = openapi["info"], dict[str, list[str]]()
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_operation(path, method, operation))
    schemas = "".join(_schema(name, schema) for name, schema in openapi["components"]["schemas"].items())
    sections = "".join(f"<h2>{escape(tag)}</h2>{''.join(parts)}" for tag, parts in groups.items())
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(info['title'])} API</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])} API <small>{escape(info['version'])}</small></h1>"
        f"{_text(info.get('description', ''))}<p>The same for programs: <code>/openapi.json</code>.</p>"
        f"{sections}<h2>schemas</h2>{schemas}</body></html>"
    )


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    parameters = "".join(_parameter(parameter) for parameter in operation.get("parameters", ()))
    responses = "".join(
        f"<tr><td><code>{escape(status)}</code></td><td>{escape(response.get('description', ''))}</td>"
        f"<td>{_content(response)}</td></tr>"
        for status, response in operation.get("responses", {}).items()
    )
    body = operation.get("requestBody")
    return (
        f"<details><summary><code><span class='method'>{escape(method.upper())}</span>{escape(path)}</code></summary>"
        f"{_text(operation.get('description', ''))}"
        f"{f'<table>{parameters}</table>' if parameters else ''}"
        f"{f'<p>Body: {_content(body)}</p>' if body else ''}"
        f"<table>{responses}</table></details>"
    )


def _parameter(parameter: Mapping[str, Any]) -> str:
    schema = parameter.get("schema", {})
    required = ", required" if parameter.get("required") else ""
    return (
        f"<tr><td><code>{escape(parameter['name'])}</code></td>"
        f"<td>{escape(parameter.get('in', ''))}{required}</td><td>{_type(schema)}</td>"
        f"<td>{escape(parameter.get('description') or schema.get('description', ''))}</td></tr>"
    )


def _content(part: Mapping[str, Any]) -> str:
    return ", ".join(
        f"<code>{escape(media_type)}</code> {_type(content.get('schema', {}))}"
        for media_type, content in part.get("content", {}).items()
    )


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in one line."""
    if "$ref" in schema:
        return f"<code>{escape(schema['$ref'].rpartition('/')[2])}</code>"
    for kind in ("anyOf", "oneOf", "allOf"):
        if kind in schema:
            return " or ".join(filter(None, map(_type, schema[kind])))
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    kind = schema.get("type", "")
    return escape(" or ".join(kind) if isinstance(kind, list) else str(kind))


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code></td><td>{_type(part)}</td>"
        f"<td>{escape(part.get('description', ''))}</td></tr>"
        for field, part in schema.get("properties", {}).items()
    )
    description = _text(schema.get("description", ""))
    return f"<details><summary><code>{escape(name)}</code></summary>{description}<table>{rows}</table></details>"


def _text(markdown: str) -> str:
    """Paragraphs; what stands in backquotes is code."""
    paragraphs = []
    for paragraph in filter(None, markdown.split("\n\n")):
        pieces = escape(paragraph).split("`")
        coded = (f"<code>{piece}</code>" if number % 2 else piece for number, piece in enumerate(pieces))
        paragraphs.append(f"<p>{''.join(coded)}</p>")
    return "".join(paragraphs)
