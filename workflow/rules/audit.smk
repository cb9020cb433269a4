# A fresh run against the committed one of the same grid, and what is committed against itself.


rule audit_page:
    input:
        scores=rules.collect.output.scores,
        runs=rules.collect.output.runs,
        committed=audited_files,
    output:
        csv=report(
            "<results>/audit/audit.csv",
            caption="../report/audit.rst",
            category="Audit",
        ),
        page="<results>/audit/audit.md",
    log:
        "<logs>/audit.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        tables=subpath(input.scores, parent=True),
        root=workflow.basedir,
        out=subpath(output.csv, parent=True),
        code=code_digest(["ebmbench.workflow.stages.audit"]),
    shell:
        "python -m ebmbench stage audit_page --tables {params.tables:q} --root {params.root:q}"
        " --out {params.out:q} > {log:q} 2>&1"


if grid_of(Path(RESULTS)) == SMOKE:

    rule audit:
        input:
            rules.audit_page.output.csv,
        log:
            "<logs>/audited.log",
        conda:
            ENVIRONMENT
        threads: 1
        shell:
            "python -m ebmbench stage audited --found {input:q} 2>&1 | tee {log:q}"

else:

    # of any other grid that takes hours: the smoke grid, whose committed run is the one to compare with
    rule audit:
        log:
            "<logs>/audited.log",
        conda:
            ENVIRONMENT
        threads: workflow.cores
        params:
            snakefile=workflow.main_snakefile,
            profile=str(Path(workflow.basedir, "profiles/smoke")),
        shell:
            "python -m snakemake --snakefile {params.snakefile:q} --workflow-profile {params.profile:q}"
            " --cores {threads} audit > {log:q} 2>&1"
