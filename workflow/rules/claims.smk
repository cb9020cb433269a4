# What the papers claim, by committed runs alone: `snakemake claims`, no part of `all`.


rule claims:
    input:
        claims=str(CLAIMS),
        tables=claimed_tables,
    output:
        csv=report(
            "results/claims/claims.csv",
            caption="../report/claims.rst",
            category="Claims",
        ),
        page="results/claims/claims.md",
    log:
        "<logs>/claims.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        schema=CLAIMS_SCHEMA,
        reference=REFERENCE,
        out=subpath(output.csv, parent=True),
        code=code_digest(["ebmbench.stages.claims"]),
    shell:
        "python -m ebmbench claims --claims {input.claims:q} --schema {params.schema:q} --reference {params.reference:q}"
        " --out {params.out} > {log} 2>&1"
