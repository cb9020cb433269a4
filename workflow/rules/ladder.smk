# The rungs of a grid side by side: `snakemake ladder` once all have run, and those that are committed.


def rung_tables(folders):
    """The tables of rungs that the comparison reads, by name of the input; ``folders``: by rung."""
    names = ("scores.csv", "runs.csv")
    return [f"{folder}/{name}" for folder in folders.values() for name in names]


def own_rungs(wildcards):
    """Input function: the tables of all rungs of the grid."""
    files = rung_tables(OWN_RUNGS)
    missing = [path for path in files if not Path(path).is_file()]
    others = [path for path in missing if not path.startswith(f"{RESULTS}/")]
    if others:
        sys.exit(
            f"{others[0]}: the file is missing; `make ladder` runs every rung, `--config rung=...` one of them"
        )
    return files


def committed_rungs(wildcards):
    """Input function: the tables of the committed rungs of a grid."""
    return rung_tables(committed_folders(wildcards.grid))


def committed_folders(grid):
    """The folders of the committed rungs of a grid, by rung."""
    return {
        rung: str(REFERENCE / name) for rung, name in rungs_of(REFERENCE, grid).items()
    }


if config["rungs"]:
    OWN_RUNGS = {
        rung: str(rungs.folder_of(ROOT, rung) / "tables") for rung in config["rungs"]
    }

    rule ladder:
        input:
            tables=own_rungs,
        output:
            multiext(f"{ROOT}/ladder", ".md", ".csv", ".png", ".pdf"),
        log:
            f"{ROOT}/logs/ladder.log",
        conda:
            ENVIRONMENT
        threads: 1
        params:
            tables=as_json(OWN_RUNGS),
            stem=f"{ROOT}/ladder",
            code=code_digest(["ebmbench.workflow.stages.ladder"]),
        shell:
            "python -m ebmbench stage ladder --tables {params.tables:q} --stem {params.stem:q} > {log:q} 2>&1"


rule committed_ladder:
    input:
        tables=committed_rungs,
    output:
        multiext("results/claims/{grid}_ladder", ".md", ".csv", ".png", ".pdf"),
    log:
        "<logs>/ladder/{grid}.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        tables=lambda wildcards: as_json(committed_folders(wildcards.grid)),
        stem=lambda wildcards: f"results/claims/{wildcards.grid}_ladder",
        code=code_digest(["ebmbench.workflow.stages.ladder"]),
    shell:
        "python -m ebmbench stage ladder --tables {params.tables:q} --stem {params.stem:q} > {log:q} 2>&1"
