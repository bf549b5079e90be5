"""What the tests run on, and how long they loop."""

import os

STORES = ["memory", "sqlite"]
DURABLE_STORES = ["sqlite"]
FULL = os.environ.get("CHALLENGES_FULL") == "1"
