"""Who comes back: the arms of an experiment, retention, engagement, their tests. Pure."""
