# Tilting of finished models to the means of statistics: a rule of its own, for a run of any family.


rule tilt:
    input:
        data=rules.dataset.output.data,
        facts=rules.dataset.output.facts,
        run=tilted_run("run.json"),
        model=tilted_run("model.safetensors"),
    output:
        model="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/model.safetensors",
        curves="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/curves.csv",
        run="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/run.json",
    log:
        "<logs>/tilt/{dataset}/{family}-{loss}-{stats}/seeds{block}.log",
    wildcard_constraints:
        stats=entries("stats", "posthoc"),
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        gpu=GPUS,
    params:
        settings=settings("stats", "statistics", "likelihood"),
        code=code(code_modules.of_tilting),
        device=config["device"],
        finished=subpath(input.run, parent=True),
        out=subpath(output.run, parent=True),
    shell:
        "python -m ebmbench stage tilt"
        " --cell {wildcards.dataset:q}/{wildcards.family:q}-{wildcards.loss:q}-{wildcards.stats:q}"
        " --run {params.finished:q} --settings {params.settings:q} --data {input.data:q} --device {params.device:q}"
        " --code {params.code:q} --out {params.out:q} > {log:q} 2>&1"
