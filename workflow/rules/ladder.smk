# The rungs of a grid side by side: `snakemake ladder` once all have run, and those that are committed.


if config["rungs"]:

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
