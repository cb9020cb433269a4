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
        code=code_digest(["ebmbench.workflow.stages.claims"]),
    shell:
        "python -m ebmbench stage claims --claims {input.claims:q} --schema {params.schema:q}"
        " --reference {params.reference:q} --out {params.out:q} > {log:q} 2>&1"


use rule ranks as committed_ranks with:
    input:
        scores=str(REFERENCE / "{grid}/scores.csv"),
        curves=str(REFERENCE / "{grid}/curves.csv"),
        facts=str(REFERENCE / "{grid}/datasets.csv"),
    output:
        ranks="results/claims/{grid}/ranks.csv",
        pairs="results/claims/{grid}/rank_pairs.csv",
        png="results/claims/{grid}/critical_difference.png",
        profiles="results/claims/{grid}/rank_profiles.png",
        budget="results/claims/{grid}/rank_budget.png",
        dimension="results/claims/{grid}/rank_dimension.png",
        page="results/claims/{grid}/ranks.md",
    log:
        "<logs>/ranks/{grid}.log",


rule committed:
    input:
        rules.claims.output,
        rules.speed.output,
        expand("results/claims/{grid}/ranks.csv", grid=COMMITTED),
        expand("results/claims/{grid}_ladder.md", grid=ladders(REFERENCE)),
