"""The catalog in MongoDB: one document per message, in collections of one database.

Only plain operators on plain indexes are used (no text index, no aggregation but sums), because servers that speak
MongoDB's protocol differ in all others. One multikey index on the array `terms` holds the words of a file and the
values that filters ask for, sorted by `key`, which begins with the date.

An index on an array knows no order of words. Phrases are therefore checked here, in the documents that contain all of
their words. A file in several messages is listed by its newest matching one, which is also found here.
"""
