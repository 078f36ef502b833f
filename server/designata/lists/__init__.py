"""Official lists: one module each, from a file to its entries."""
