"""Files of web servers. `source.HttpSource` is the Source; `client.Client` what all sources of a process share."""
