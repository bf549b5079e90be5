# Reasons for which a request fails.
