# A dry run begins with what the grid is, what of it is done, and how long the rest takes.
import re

from ebmbench.planning.grid_summary import read_costs, summary_lines


def dry_run():
    """Whether this is one: Snakemake says so to a Snakefile by its own words alone."""
    words = [word for word in sys.argv if re.fullmatch(r"-[A-Za-z]*n[A-Za-z]*", word)]
    return bool(words) or bool({"--dry-run", "--dryrun"} & set(sys.argv))


if workflow.is_main_process and dry_run():
    # this grid's own committed run first
    GRIDS = [OWN_REFERENCE, *(REFERENCE / name for name in COMMITTED)]
    TABLES = [
        folder / "runs.csv" for folder in GRIDS if (folder / "runs.csv").is_file()
    ]
    print(*summary_lines(GRID, config, read_costs(TABLES)), sep="\n", file=sys.stderr)
    print("more: `-n --quiet rules` counts jobs by rule only", file=sys.stderr)
