"""The frameworks, and the switch between the short and the full run.

The first framework with the first store of each list runs every test. Any other combination runs the tests marked
`smoke`, on the first store also those marked `every_framework`, or every test with `CHALLENGES_FULL=1`.
"""

import os

FRAMEWORKS = ["axum", "actix"]
FULL = os.environ.get("CHALLENGES_FULL") == "1"
