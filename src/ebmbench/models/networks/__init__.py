"""Networks that output an energy."""
