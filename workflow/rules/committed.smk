# Committed runs: their tables, and what is asked of them.
from ebmbench.planning.reference_runs import SMOKE, grid_of, grids, ladders, rungs_of
from ebmbench.provenance.audit.documented_numbers import documents
from ebmbench.reporting.site import carried

REFERENCE = Path(workflow.basedir, "results/reference")
CLAIMS = Path(workflow.basedir, "config/claims.yaml")
CLAIMS_SCHEMA = SCHEMAS / "claims.schema.yaml"
COMMITTED = grids(REFERENCE)
# the committed run of this grid, where there is one, by the name of its folder
OWN_REFERENCE = REFERENCE / grid_of(Path(RESULTS))


def audited_files(wildcards):
    """Input function: the committed files that an audit reads."""
    committed = [path for path in REFERENCE.rglob("*") if path.is_file()]
    pages = [Path(workflow.basedir, name) for name in documents(Path(workflow.basedir))]
    return [*map(str, [*sorted(committed), *pages]), str(CLAIMS)]


def claimed_tables(wildcards):
    """Input function: the committed tables that claims rest on, and the literature results next to them."""
    try:
        found = read_claims(CLAIMS, CLAIMS_SCHEMA).claims
    except UserError as error:
        sys.exit(str(error))
    files = [
        str(REFERENCE / grid / f"{name}.csv")
        for claim in found
        for grid in rungs_of(REFERENCE, claim.grid).values() or [claim.grid]
        for name in claim.tables
    ]
    return [
        *dict.fromkeys(files),
        *map(str, sorted((REFERENCE.parent / "published").glob("*.csv"))),
    ]


def measured_tables(wildcards):
    """Input function: what committed runs and benchmarks took."""
    runs = [
        REFERENCE / grid / name
        for grid in COMMITTED
        for name in ("runs.csv", "invocations.csv")
    ]
    return list(map(str, [*runs, *sorted(REFERENCE.glob("benchmarks/*.csv"))]))


def site_files(wildcards):
    """Input function: the committed files that the static page carries."""
    try:
        found = carried(REFERENCE.parent)
    except UserError as error:
        sys.exit(str(error))
    return [str(REFERENCE.parent / name) for name in found]


def committed_rungs(wildcards):
    """Input function: the tables of the committed rungs of a grid."""
    return rung_tables(committed_folders(wildcards.grid))


def committed_folders(grid):
    """The folders of the committed rungs of a grid, by rung."""
    return {
        rung: str(REFERENCE / name) for rung, name in rungs_of(REFERENCE, grid).items()
    }
