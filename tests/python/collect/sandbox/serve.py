"""Serve the MESH sandbox on a socket that the parent opened, until the parent ends.

Arguments: the socket's descriptor, then, for https, a certificate and its private key.
"""

import json
import os
import sys
import threading

import uvicorn
from mesh_sandbox.dependencies import get_store


def end_with_parent() -> None:
    """Standard input closes when the parent ends, however it ends."""
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
# Whose mailboxes these are: "organisation/workflow" and the mailbox registered for it.
store = get_store()
for name, mailbox in json.loads(os.environ["ENDPOINTS"]).items():
    store.endpoints[name].append(store.mailboxes[mailbox])
certificate, private_key = [*sys.argv[2:], None, None][:2]
uvicorn.run(
    "mesh_sandbox.api:app",
    fd=int(sys.argv[1]),
    log_level="warning",
    ssl_certfile=certificate,
    ssl_keyfile=private_key,
)
