# A data set's rows for a block of seeds: fetched and verified, or generated; split and whitened.


rule dataset:
    output:
        data="<results>/data/{dataset}/seeds{block}.safetensors",
        facts="<results>/data/{dataset}/seeds{block}.json",
    log:
        "<logs>/data/{dataset}/seeds{block}.log",
    # as training, which waits for it
    priority: 1
    conda:
        ENVIRONMENT
    threads: 1
    params:
        settings=dataset_settings,
        code=code_of_rows,
        files=local_files(RESULTS),
        out=subpath(output.data, parent=True),
    shell:
        "python -m ebmbench stage dataset --name {wildcards.dataset:q} --seeds {wildcards.block:q}"
        " --settings {params.settings:q} {params.files:q} --out {params.out:q} > {log:q} 2>&1"
