"""The papers' claims as rows that committed runs decide."""
