# Sampling and normalisation of trained models: a rule of its own, so that a new metric never retrains or
# samples again.


rule sample:
    input:
        data=rules.dataset.output.data,
        facts=rules.dataset.output.facts,
        model="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/model.safetensors",
        run="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/run.json",
        chosen=chosen_settings,
    output:
        samples="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/samples.safetensors",
        log_prob="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/log_prob.safetensors",
        facts="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/sampling.json",
    log:
        "<logs>/sample/{dataset}/{family}-{loss}-{stats}/seeds{block}.log",
    # what is made elsewhere is sampled elsewhere, too
    wildcard_constraints:
        family=entries_but("family", "outside"),
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        gpu=GPUS,
    params:
        settings=settings("sample", "sampler", "likelihood"),
        code=code(code_modules.of_sampling),
        device=config["device"],
        run=subpath(output.facts, parent=True),
        chosen=chosen_option,
    shell:
        "python -m ebmbench stage sample --run {params.run:q} --settings {params.settings:q} --data {input.data:q}"
        " --device {params.device:q} {params.chosen:q} > {log:q} 2>&1"
