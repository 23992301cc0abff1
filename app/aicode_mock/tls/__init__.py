"""The TLS front: a second port for clients that know one address, `https://api.cursor.com`."""
