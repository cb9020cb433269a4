# A dry run begins with what the grid is, what of it is done, and how long the rest takes.
import re

from ebmbench.planning.grid_summary import read_costs, summary_lines


def dry_run():
    """Whether this is one: Snakemake says so to a Snakefile by its own words alone."""
    words = [word for word in sys.argv if re.fullmatch(r"-[A-Za-z]*n[A-Za-z]*", word)]
    return bool(words) or bool({"--dry-run", "--dryrun"} & set(sys.argv))


if workflow.is_main_process and dry_run():
    # this grid's own committed run first
    OWN = [path for path in [OWN_REFERENCE / "runs.csv"] if path.is_file()]
    # of other grids without rungs, this one's own first
    OTHERS = sorted(
        (name for name in COMMITTED if not re.search(r"_x\d+$", name)),
        key=lambda name: name != grid_of(Path(ROOT)),
    )
    FILES = [REFERENCE / name / "runs.csv" for name in OTHERS]
    costs = read_costs([*OWN, *(path for path in FILES if path.is_file())])
    print(*summary_lines(GRID, config, costs), sep="\n", file=sys.stderr)
    print("more: `-n --quiet rules` counts jobs by rule only", file=sys.stderr)
