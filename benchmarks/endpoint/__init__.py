"""Our HTTP endpoint beside others: `python -m benchmarks.endpoint --help`."""
