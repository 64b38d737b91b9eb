"""Greet somebody, once or several times: argparse will do."""

import argparse


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def main(argv=None):
    parser = argparse.ArgumentParser(prog="greetings", description="Print greetings.")
    parser.add_argument("--count", type=positive, default="1", metavar="COUNT", help="how often")
    parser.add_argument("--name", default="World", metavar="NAME", help="whom")
    options = parser.parse_args(argv)
    print("\n".join([f"Hello {options.name}!"] * options.count))


if __name__ == "__main__":
    main()
