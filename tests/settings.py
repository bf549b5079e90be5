"""What the tests run on, and how long they loop."""

import os

FRAMEWORKS = ["axum", "actix"]
STORES = ["memory", "sqlite"]
DURABLE_STORES = ["sqlite"]
FULL = os.environ.get("CHALLENGES_FULL") == "1"
