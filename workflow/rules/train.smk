# Training: one process a job, its seeds one after the other. The rule itself matches no loss: each file in
# methods/ inherits it for one loss.


# entries of the statistics' axis whose models are trained; of the others a finished run is tilted
TRAINED = entries_but("stats", "posthoc")


rule train:
    input:
        data=rules.dataset.output.data,
        facts=rules.dataset.output.facts,
        chosen=chosen_settings,
        base=base_run,
    output:
        model="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/model.safetensors",
        curves="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/curves.csv",
        run="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/run.json",
    log:
        "<logs>/train/{dataset}/{family}-{loss}-{stats}/seeds{block}.log",
    wildcard_constraints:
        loss="(?!)",
    # before scoring: the longest chains of jobs begin with it, and a core that waits for the last of them is lost
    priority: 1
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        gpu=GPUS,
    params:
        settings=settings("dataset", "family", "loss", "stats", "statistics", "train"),
        code=code(code_modules.of_training),
        device=config["device"],
        chosen=chosen_option,
        base=base_option,
        out=subpath(output.run, parent=True),
    shell:
        "python -m ebmbench stage train"
        " --cell {wildcards.dataset:q}/{wildcards.family:q}-{wildcards.loss:q}-{wildcards.stats:q}"
        " --seeds {wildcards.block:q} --settings {params.settings:q} --data {input.data:q} --device {params.device:q}"
        " {params.chosen:q} {params.base:q} --code {params.code:q} --out {params.out:q} > {log:q} 2>&1"
