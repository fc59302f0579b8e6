"""Which API methods share a flood wait: those of one family."""

from typing import Any

_FAMILIES = {
    "auth.ImportBotAuthorization": "login",
    "auth.SendCode": "login",
    "auth.SignIn": "login",
    "auth.CheckPassword": "login",
    "auth.ExportAuthorization": "export",
    "upload.GetFile": "file",
    "upload.GetFileHashes": "file",
    "upload.GetCdnFileHashes": "file",
    "upload.ReuploadCdnFile": "file",
    "upload.GetCdnFile": "cdn",
    "upload.SaveFilePart": "upload",
    "upload.SaveBigFilePart": "upload",
    "channels.GetMessages": "messages",
    "messages.GetMessages": "messages",
}


def family_of(query: Any) -> str:
    """The family of `query`'s method; a method that is not listed is a family of its own."""
    name = str(getattr(query, "QUALNAME", type(query).__name__)).removeprefix("functions.")
    return _FAMILIES.get(name, name.replace(".", "-"))
