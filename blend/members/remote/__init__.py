"""What a remote member needs of HTTP: its servers, the client, what is asked, what goes wrong."""
