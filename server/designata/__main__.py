"""`python -m designata` is the same as `designata`."""

from designata.cli import main

if __name__ == "__main__":
    main()
