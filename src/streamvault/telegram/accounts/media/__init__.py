"""Media sessions: the connections of one account that carry only upload.* requests, and their figures."""
