# Runs beside others: statistics that match, and differences paired by seed.


rule matches:
    input:
        scores=rules.collect.output.scores,
        runs=rules.collect.output.runs,
    output:
        matches=report(
            "<tables>/moment_match.csv",
            caption="../report/moment_match.rst",
            category="Tables",
        ),
        page="<tables>/moment_match.md",
    log:
        "<logs>/moment_match.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        config=CONFIG,
        out=subpath(output.matches, parent=True),
        code=code_digest(["ebmbench.workflow.stages.moment_match_report"]),
    shell:
        "python -m ebmbench stage matches --config {params.config:q} --tables {params.out:q} > {log:q} 2>&1"


# one rule a table, for a caption knows no wildcards
for comparison in COMPARED:

    rule:
        name:
            f"comparison_{comparison}"
        input:
            scores=rules.collect.output.scores,
            runs=rules.collect.output.runs,
        output:
            table=report(
                f"<tables>/{comparison}.csv",
                caption=f"../report/{comparison}.rst",
                category="Tables",
            ),
            page=f"<tables>/{comparison}.md",
        log:
            f"<logs>/{comparison}.log",
        conda:
            ENVIRONMENT
        threads: 1
        params:
            name=comparison,
            config=CONFIG,
            out=subpath(output.table, parent=True),
            code=code_digest(["ebmbench.workflow.stages.comparisons"]),
        shell:
            "python -m ebmbench stage comparison --name {params.name:q} --config {params.config:q}"
            " --tables {params.out:q} > {log:q} 2>&1"


rule statistics_claims:
    input:
        matches=rules.matches.output.matches,
        effects="<tables>/effects.csv",
    output:
        claims=report(
            "<tables>/statistics_claims.csv",
            caption="../report/statistics_claims.rst",
            category="Tables",
        ),
        page="<tables>/statistics_claims.md",
    log:
        "<logs>/statistics_claims.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        out=subpath(output.claims, parent=True),
        code=code_digest(["ebmbench.workflow.stages.statistics_claims"]),
    shell:
        "python -m ebmbench stage statistics_claims --tables {params.out:q} > {log:q} 2>&1"


rule comparisons:
    input:
        expand("<tables>/{comparison}.md", comparison=COMPARED),


rule paired_differences:
    input:
        scores=rules.collect.output.scores,
    output:
        table=report(
            "<tables>/paired_differences.csv",
            caption="../report/paired_differences.rst",
            category="Tables",
        ),
        page="<tables>/paired_differences.md",
    log:
        "<logs>/paired_differences.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        out=subpath(output.table, parent=True),
        code=code_digest(["ebmbench.workflow.stages.paired_differences"]),
    shell:
        "python -m ebmbench stage paired_differences --scores {input.scores:q} --out {params.out:q} > {log:q} 2>&1"


rule controls:
    input:
        scores=rules.collect.output.scores,
    output:
        table=report(
            "<tables>/controls.csv",
            caption="../report/controls.rst",
            category="Tables",
        ),
        page="<tables>/controls.md",
    log:
        "<logs>/controls.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        out=subpath(output.table, parent=True),
        code=code_digest(["ebmbench.workflow.stages.controls"]),
    shell:
        "python -m ebmbench stage controls --scores {input.scores:q} --out {params.out:q} > {log:q} 2>&1"


rule ranks:
    input:
        scores=rules.collect.output.scores,
        curves=rules.collect.output.curves,
        facts=rules.tables.output.facts,
    output:
        ranks=report(
            "<tables>/ranks.csv",
            caption="../report/ranks.rst",
            category="Tables",
        ),
        pairs=report(
            "<tables>/rank_pairs.csv",
            caption="../report/ranks.rst",
            category="Tables",
        ),
        png=report(
            "<tables>/critical_difference.png",
            caption="../report/ranks.rst",
            category="Figures",
            labels={"figure": "critical_difference"},
        ),
        profiles=report(
            "<tables>/rank_profiles.png",
            caption="../report/ranks.rst",
            category="Figures",
            labels={"figure": "rank_profiles"},
        ),
        budget=report(
            "<tables>/rank_budget.png",
            caption="../report/ranks.rst",
            category="Figures",
            labels={"figure": "rank_budget"},
        ),
        dimension=report(
            "<tables>/rank_dimension.png",
            caption="../report/ranks.rst",
            category="Figures",
            labels={"figure": "rank_dimension"},
        ),
        page="<tables>/ranks.md",
    log:
        "<logs>/ranks.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        out=subpath(output.ranks, parent=True),
        code=code_digest(["ebmbench.workflow.stages.ranks"]),
    shell:
        "python -m ebmbench stage ranks --scores {input.scores:q} --curves {input.curves:q} --facts {input.facts:q}"
        " --out {params.out:q} > {log:q} 2>&1"


rule published:
    input:
        summary="<tables>/summary.csv",
        published=sorted(map(str, PUBLISHED.glob("*.csv"))),
        schema=PUBLISHED_SCHEMA,
    output:
        table=report(
            "<tables>/literature.csv",
            caption="../report/literature.rst",
            category="Tables",
        ),
        page="<tables>/literature.md",
    log:
        "<logs>/literature.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        published=PUBLISHED,
        out=subpath(output.table, parent=True),
        code=code_digest(["ebmbench.workflow.stages.literature"]),
    shell:
        "python -m ebmbench stage published --tables {params.out:q} --published {params.published:q}"
        " --schema {input.schema:q} > {log:q} 2>&1"
