"""The about page: what is stored and why, how to delete it, what runs here."""
