# Scores: from the samples' and log-densities' files alone, whoever wrote them.

EVALUATION_STATISTICS = ["moments"]


rule score:
    input:
        data=rules.dataset.output.data,
        facts=rules.dataset.output.facts,
        run="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/run.json",
        samples=rules.sample.output.samples,
        log_prob=rules.sample.output.log_prob,
        sampling=rules.sample.output.facts,
    output:
        scores="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/scores.csv",
        statistics="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/statistics.csv",
    log:
        "<logs>/score/{dataset}/{family}-{loss}-{stats}/seeds{block}.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        statistics=EVALUATION_STATISTICS,
        code=code_digest(
            [
                "ebmbench.stages.score",
                *[module_name("stats", name) for name in EVALUATION_STATISTICS],
            ]
        ),
        run=subpath(output.scores, parent=True),
    shell:
        "python -m ebmbench score --run {params.run} --data {input.data} --statistics {params.statistics}"
        " > {log} 2>&1"
