import argparse
import sys


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Greet somebody.")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--name", default="World")
    options = parser.parse_args(arguments)
    if options.count < 1:
        parser.error("--count must be at least 1")
    print("\n".join([f"Hello {options.name}!"] * options.count))


if __name__ == "__main__":
    sys.exit(main())
