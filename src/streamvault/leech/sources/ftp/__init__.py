"""Files of FTP servers (RFC 959, 2428, 3659). `source.FtpSource` is the Source."""
