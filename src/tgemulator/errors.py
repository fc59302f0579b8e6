"""The errors that a server sends instead of a result."""


class RpcError(Exception):
    """Becomes an rpc_error: `code` as error_code (303, 400, 401, 403, 406, 420, 500), `text` as error_message.

    Source: core.telegram.org/api/errors.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


class TransportError(Exception):
    """Becomes four bytes on the transport, a negative `code` (-404, -429, -444), after which the connection closes.

    Source: core.telegram.org/mtproto/mtproto-transports#transport-errors.
    """

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code
