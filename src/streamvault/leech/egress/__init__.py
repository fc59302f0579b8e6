"""The egress guard: which addresses of the network a source may reach, and connections to no others.

An address is judged where it is connected to, not by its name: a name is resolved once for each connection, each answer
is judged, and the connection goes to an answer that passed. So it holds for every hop of a redirect and for names whose
answers change. Child processes, which cannot be trusted with that, reach sources through a proxy that does it for them
(`proxy`).
"""
