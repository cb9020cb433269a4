# The scores of every job in one table, and the readers' tables made from it.


rule collect:
    input:
        data=data_of_every_job(),
        runs=of_every_job("run.json"),
        sampling=of_every_job("sampling.json"),
        scores=of_every_job("scores.csv"),
        image_scores=of_jobs(
            [job for job in GRID.jobs if job.cell.dataset in JUDGED],
            "image_scores.csv",
        ),
        extractors=[
            f"{RESULTS}/extractors/{dataset}-{name}.json"
            for dataset, names in JUDGED.items()
            for name in names
        ],
    output:
        scores=report(
            "<tables>/scores.csv", caption="../report/scores.rst", category="Tables"
        ),
        runs=report(
            "<tables>/runs.csv", caption="../report/runs.rst", category="Tables"
        ),
        statistics=report(
            "<tables>/statistics.csv",
            caption="../report/statistics.rst",
            category="Tables",
        ),
        curves=report(
            "<tables>/curves.csv", caption="../report/curves.rst", category="Tables"
        ),
        skipped=report(
            "<tables>/skipped.csv", caption="../report/skipped.rst", category="Tables"
        ),
    log:
        "<logs>/collect.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        config=CONFIG,
        schemas=str(SCHEMA.parent),
        out=subpath(output.scores, parent=True),
        code=code_digest(["ebmbench.workflow.stages.collect"]),
    shell:
        "python -m ebmbench stage collect --config {params.config:q} --schemas {params.schemas:q} --out {params.out:q}"
        " > {log:q} 2>&1"


rule tables:
    input:
        scores=rules.collect.output.scores,
        runs=rules.collect.output.runs,
        curves=rules.collect.output.curves,
    output:
        summary=report(
            "<tables>/summary.csv", caption="../report/summary.rst", category="Tables"
        ),
        facts="<tables>/datasets.csv",
        index="<tables>/README.md",
        cost=report(
            "<tables>/cost.csv", caption="../report/cost.rst", category="Tables"
        ),
        cost_page="<tables>/cost.md",
        sampling=report(
            "<tables>/sampling.csv",
            caption="../report/sampling.rst",
            category="Tables",
        ),
        sampling_page="<tables>/sampling.md",
        failures=report(
            "<tables>/failures.csv",
            caption="../report/failures.rst",
            category="Tables",
        ),
        failures_page="<tables>/failures.md",
        datasets=report(
            expand(
                "<tables>/{dataset}.{kind}",
                dataset=config["datasets"],
                kind=["md", "tex"],
            ),
            caption="../report/dataset_table.rst",
            category="Tables",
            subcategory="By data set",
        ),
    log:
        "<logs>/tables.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        config=CONFIG,
        out=subpath(output.summary, parent=True),
        code=code_digest(["ebmbench.workflow.stages.tables"]),
    shell:
        "python -m ebmbench stage tables --config {params.config:q} --tables {params.out:q} > {log:q} 2>&1"


rule time_to_kl:
    input:
        curves=rules.collect.output.curves,
        runs=rules.collect.output.runs,
    output:
        table=report(
            "<tables>/time_to_kl.csv",
            caption="../report/time_to_kl.rst",
            category="Tables",
        ),
        page="<tables>/time_to_kl.md",
    log:
        "<logs>/time_to_kl.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        config=CONFIG,
        out=subpath(output.table, parent=True),
        code=code_digest(["ebmbench.workflow.stages.time_to_kl"]),
    shell:
        "python -m ebmbench stage time_to_kl --config {params.config:q} --tables {params.out:q} > {log:q} 2>&1"
