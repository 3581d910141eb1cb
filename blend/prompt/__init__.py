"""The history as the token ids of one model. What a visitor types is never a control token."""
