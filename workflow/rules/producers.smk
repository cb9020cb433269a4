# Included after the rules of the methods: every method of the grid has one that makes its runs.
from ebmbench.planning.method_rules import check_rules

LACKING = check_rules(
    GRID, config, lambda path: any(found.is_producer(path) for found in workflow.rules)
)
if LACKING:
    sys.exit(LACKING)
