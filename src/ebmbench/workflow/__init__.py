"""What the Snakemake workflow and the command line call: a module for each stage."""
