"""What a server says instead of a result."""


class RpcError(Exception):
    """An rpc_error for the caller: `code` in HTTP's classes (303, 400, 401, 403, 406, 420, 500), `text` on the wire."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


class TransportError(Exception):
    """A bare negative number on the transport (-404, -429, -444); the connection closes after it."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code
