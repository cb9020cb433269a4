# Scores: from the samples' and log-densities' files alone, whoever wrote them.

# statistics of each set that all draws are measured by
MEASURED = {
    name: parts_of(name, config["sets"], "config: evaluate")
    for name in config["evaluate"]
}


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
        statistics=as_json(MEASURED),
        code=code_digest(
            [
                "ebmbench.workflow.stages.score",
                *[
                    module_name("statistic", part)
                    for parts in MEASURED.values()
                    for part in parts
                ],
            ]
        ),
        run=subpath(output.scores, parent=True),
    shell:
        "python -m ebmbench stage score_run --run {params.run:q} --data {input.data:q}"
        " --statistics {params.statistics:q} > {log:q} 2>&1"
