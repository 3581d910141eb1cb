"""The web boundary: what a request passes between its connection and the page or `/v1`."""
