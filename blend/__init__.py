"""Several small models, one conversation: a blend draws one member for each reply."""
