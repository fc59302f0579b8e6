"""What a server waits for at the start, and the conditions of its channels, accounts, database and disk.

`conditions` and `readiness` are the model: they import nothing else of the product, and http/ reads these two alone.
`channels`, `database`, `disk` and `telegram` check one part each, and report to the model; they do not know each
other, repair nothing, and leave it to server/ when they run. A check that fails is no error of the server.
"""
