"""MTProto on the server's side: connections, auth keys, sessions and the checks of incoming messages.

What a request means is not decided here: `calls.Calls` hands it to an `Answerer`, which services/dispatcher.py
implements. This package knows neither the world nor the methods of the API.

From the bottom: `auth_key`, `session`, `keys` (all keys with their sessions), `key_ownership` (AUTH_KEY_DUPLICATED),
`service_messages`, `incoming` (the checks of one message), `calls` (requests in progress), `connection`,
`data_centres` (listeners).
"""
