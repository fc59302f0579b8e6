"""The leech bot's chat: what people ask of it, the status message of each chat, and what is told of jobs that end.

What commands mean (`requests`) and what messages say (`status`, `outcomes`, `wording`) is pure.
"""
