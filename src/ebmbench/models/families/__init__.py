"""Model families: each module builds one kind of model."""
