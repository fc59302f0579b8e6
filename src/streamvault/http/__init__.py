"""The HTTP API, the streams and the web pages.

app puts it together; middleware/ holds what every request passes first, routes/ one module per resource, and the other
modules what routes share. Decisions are synchronous and pure, actions asynchronous: conditions, file_response, headers,
m3u, paths and selection compute an answer from values, and the routes do the I/O.
"""
