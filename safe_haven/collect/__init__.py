"""Collection: files that wait in a MESH mailbox or a watched folder become submissions."""
