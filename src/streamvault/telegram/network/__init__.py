"""Ways to a data centre: its addresses, direct connections and proxies, IPv4 and IPv6, and the transport's framing.

Nothing goes past a proxy: `routes.Network` is the only place that opens a connection to Telegram, and once PROXY_URL is
set it makes no direct attempt, whatever fails.
"""
