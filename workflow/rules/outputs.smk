# Files that an earlier invocation made: those deleted since are made again, those edited since are refused.
from ebmbench.workflow import output_record

RECORDED = output_record.read_record(Path(RESULTS))
CHANGED = output_record.changes(RECORDED, Path(RESULTS))

try:
    output_record.refuse_edited(CHANGED.edited)
except UserError as error:
    sys.exit(str(error))


def deleted_files(wildcards):
    """Input function: the files of the grid that were made and are missing.

    Snakemake by itself makes a missing file only if another one that it has to make needs it.
    """
    folders = {job.folder(RESULTS) for job in GRID.jobs}
    folders |= {Path(path).parent for path in of_every_search("chosen.json")}
    of_data = {Path(path).with_suffix("") for path in data_of_every_job()}
    found = [
        path
        for path in CHANGED.missing
        if path.relative_to(RESULTS).parts[0] not in ("runs", "data")
        or path.parent in folders
        or path.with_suffix("") in of_data
    ]
    # the configuration may have become a smaller one
    return [
        str(path)
        for path in found
        if any(rule.is_producer(str(path)) for rule in workflow.rules)
    ]


def begin_outputs():
    """Mark the results folder as being worked on."""
    try:
        output_record.begin(Path(RESULTS))
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}")


def record_outputs():
    """Record the files of this invocation and of those before."""
    try:
        output_record.end(Path(RESULTS), RECORDED)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
