"""The frameworks, and the switch between the short and the full run.

The first framework and the first store of each list always run. Any other combination runs the tests marked `smoke`,
or every test with `CHALLENGES_FULL=1`.
"""

import os

FRAMEWORKS = ["axum", "actix"]
FULL = os.environ.get("CHALLENGES_FULL") == "1"
