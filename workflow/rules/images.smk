# Distances between images by features: an extractor for a set of images, and the scores of each job's draws.


rule extractor:
    output:
        features="<results>/extractors/{dataset}-{extractor}.safetensors",
        facts="<results>/extractors/{dataset}-{extractor}.json",
    log:
        "<logs>/extractors/{dataset}-{extractor}.log",
    wildcard_constraints:
        dataset="|".join(JUDGED) or "(?!)",
        extractor=NAME,
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        gpu=GPUS,
    params:
        device=config["device"],
        dataset=dataset_settings,
        settings=lambda wildcards: as_json(
            JUDGED[wildcards.dataset][wildcards.extractor]
        ),
        weights=weights_file,
        files=image_files,
        code=lambda wildcards: code_digest(
            [
                "ebmbench.workflow.stages.extractor",
                code_modules.of_entry(config, "dataset", wildcards.dataset),
                module_name("extractor", wildcards.extractor),
            ]
        ),
    shell:
        "python -m ebmbench stage extractor --dataset {wildcards.dataset:q} --images {params.dataset:q}"
        " --name {wildcards.extractor:q} --settings {params.settings:q} --device {params.device:q} --out {output.features:q}"
        " > {log:q} 2>&1"


rule image_scores:
    input:
        data=rules.dataset.output.data,
        facts=rules.dataset.output.facts,
        run="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/run.json",
        samples=rules.sample.output.samples,
        sampling=rules.sample.output.facts,
        extractors=extractor_files,
    output:
        scores="<runs>/{dataset}/{family}-{loss}-{stats}/seeds{block}/image_scores.csv",
    log:
        "<logs>/image_scores/{dataset}/{family}-{loss}-{stats}/seeds{block}.log",
    wildcard_constraints:
        dataset="|".join(JUDGED) or "(?!)",
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        gpu=GPUS,
    params:
        device=config["device"],
        extractors=extractors_by_name,
        code=lambda wildcards: code_digest(
            [
                "ebmbench.workflow.stages.image_scores",
                *[
                    module_name("extractor", name)
                    for name in JUDGED[wildcards.dataset]
                ],
            ]
        ),
        run=subpath(output.scores, parent=True),
    shell:
        "python -m ebmbench stage image_scores --run {params.run:q} --data {input.data:q}"
        " --extractors {params.extractors:q} --device {params.device:q} > {log:q} 2>&1"
