"""The papers' claims, and verdicts on them from committed runs."""
