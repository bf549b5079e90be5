"""What the tests run on, and how long they loop."""

import os

FRAMEWORKS = ["axum", "actix"]
STORES = ["memory", "sqlite", "redis", "redis-cluster"]
DURABLE_STORES = ["sqlite", "redis", "redis-cluster"]
FULL = os.environ.get("CHALLENGES_FULL") == "1"
