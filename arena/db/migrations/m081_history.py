"""A visitor's list of chats."""

from sqlite_utils import Database

from arena.db.migrations.migration_set import migrations


@migrations()
def m081_history(db: Database) -> None:
    """What a visitor's list of their own chats needs; all of it stays with the conversation's row.

    title: as the visitor renamed it; NULL where the first message is the title. titled: when that
    was. active: when its last message came, kept by a trigger whoever writes turns. deleted: when
    its visitor deleted it: the texts are gone, the row and its counts stay.
    """
    for column in ("title TEXT", "titled REAL", "active REAL NOT NULL DEFAULT 0", "deleted REAL"):
        db.execute(f"ALTER TABLE conversations ADD COLUMN {column}")
    # Old turns have no `opened`.
    db.execute(
        "UPDATE conversations SET active = coalesce("
        "(SELECT max(opened) FROM turns WHERE conversation = conversations.id), created)"
        " WHERE kind = 'chat'"
    )
    db.execute("""
        CREATE TRIGGER conversation_active AFTER INSERT ON turns WHEN NEW.opened IS NOT NULL BEGIN
            UPDATE conversations SET active = NEW.opened
            WHERE id = NEW.conversation AND active < NEW.opened AND kind = 'chat';
        END""")
    # Partial: battles have two conversations each, and none of them is listed.
    db.execute(
        "CREATE INDEX conversations_history ON conversations (visitor, active DESC, id DESC)"
        " WHERE kind = 'chat' AND preview = 0 AND deleted IS NULL AND system IS NOT NULL"
    )
    db.execute("CREATE INDEX conversations_deleted ON conversations (id) WHERE deleted IS NOT NULL")
