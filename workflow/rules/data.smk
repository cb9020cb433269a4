# A data set's rows for a block of seeds: fetched and verified, or generated; split and whitened. A page per table and set of images.


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


rule data_page:
    input:
        facts=facts_of_dataset,
    output:
        columns=report(
            "<tables>/data/{dataset}.csv",
            caption="../report/data_page.rst",
            category="Tables",
            labels={"table": "{dataset}"},
        ),
        page="<tables>/data/{dataset}.md",
    log:
        "<logs>/data_page/{dataset}.log",
    wildcard_constraints:
        dataset="|".join(DATA_PAGES) or "(?!)",
    conda:
        ENVIRONMENT
    threads: 1
    params:
        settings=dataset_settings,
        code=code_of_data_page,
        facts=facts_options,
        stem=subpath(output.columns, strip_suffix=".csv"),
    shell:
        "python -m ebmbench stage data_page --name {wildcards.dataset:q} --settings {params.settings:q}"
        " {params.facts:q} --out {params.stem:q} > {log:q} 2>&1"


rule data_pages:
    input:
        expand("<tables>/data/{dataset}.md", dataset=DATA_PAGES),
