"""The side bar with the visitor's own chats: listed, searched, renamed, saved as files, deleted."""
