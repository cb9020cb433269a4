# The static page of committed results: `snakemake site`, no part of `all`.
from ebmbench.reporting.site import TEMPLATES


rule site:
    input:
        tables=site_files,
        templates=sorted(map(str, TEMPLATES.glob("page.*")))
        + sorted(map(str, TEMPLATES.glob("*.js"))),
    output:
        "results/site/index.html",
    log:
        "<logs>/site.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        results=REFERENCE.parent,
        code=code_digest(["ebmbench.workflow.stages.site"]),
    shell:
        "python -m ebmbench stage site --results {params.results:q} --out {output:q} > {log:q} 2>&1"
