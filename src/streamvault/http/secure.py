"""Whether a request came over https."""

from urllib.parse import urlsplit

from starlette.types import Scope


def is_https(scope: Scope) -> bool:
    """Whether the browser reached this server over https: itself, or at the address of PUBLIC_URL behind a proxy."""
    if scope["scheme"] == "https":
        return True
    public = urlsplit(scope["app"].state.services.settings.public_url)
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return public.scheme == "https" and bool(host.decode("latin-1") == public.netloc)
