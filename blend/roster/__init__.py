"""The roster: a TOML file that is read, checked and made into blends that answer."""
