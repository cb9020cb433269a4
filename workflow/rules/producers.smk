# Included after the rules of the methods: every method of the grid has a rule that makes its runs.


def check_producers():
    """Stop with one line for a method without a rule: its runs would be missing from every table."""
    shown = {tuple(job.cell[1:]): job for job in GRID.jobs}
    for (family, loss, _), job in shown.items():
        path = str(job.folder(RESULTS) / "run.json")
        if not any(rule.is_producer(path) for rule in workflow.rules):
            axis, name = ("family", family) if loss == "none" else ("loss", loss)
            kind = kind_of(name, config[SECTIONS[axis]][name])
            sys.exit(
                f"{axis} {kind}: no rule {'makes' if loss == 'none' else 'trains'} it; add"
                f" workflow/rules/methods/{kind}.smk"
            )


check_producers()
