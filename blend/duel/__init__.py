"""Battles played by machines: a visitor, two contenders and judges that are all models."""
