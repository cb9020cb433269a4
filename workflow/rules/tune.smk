# The search for a cell's settings, on a seed of its own, before the cell is trained on the grid's seeds. All trials
# of a cell are one job.


rule tune:
    input:
        data=f"<results>/data/{{dataset}}/seeds{SEARCH_SEEDS}.safetensors",
        facts=f"<results>/data/{{dataset}}/seeds{SEARCH_SEEDS}.json",
        base=base_run(SEARCH_SEEDS),
    output:
        trials="<runs>/{dataset}/{family}-{loss}-{stats}/tuning/trials.csv",
        chosen="<runs>/{dataset}/{family}-{loss}-{stats}/tuning/chosen.json",
    log:
        "<logs>/tune/{dataset}/{family}-{loss}-{stats}.log",
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        gpu=GPUS,
    params:
        settings=search_settings,
        code=code(code_modules.of_search),
        device=config["device"],
        base=base_option,
        out=subpath(output.trials, parent=True),
    shell:
        "python -m ebmbench stage tune"
        " --cell {wildcards.dataset:q}/{wildcards.family:q}-{wildcards.loss:q}-{wildcards.stats:q}"
        " --settings {params.settings:q} --data {input.data:q} --device {params.device:q}"
        " {params.base:q} --out {params.out:q} > {log:q} 2>&1"


rule tuning:
    input:
        trials=of_every_search("trials.csv"),
    output:
        table=report(
            "<tables>/tuning.csv", caption="../report/tuning.rst", category="Tables"
        ),
        page="<tables>/tuning.md",
    log:
        "<logs>/tuning.log",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        config=CONFIG,
        out=subpath(output.table, parent=True),
        code=code_digest(["ebmbench.workflow.stages.tuning_table"]),
    shell:
        "python -m ebmbench stage tuning --config {params.config:q} --out {params.out:q} > {log:q} 2>&1"
