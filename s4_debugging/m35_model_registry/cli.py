"""Train, promote and roll back from the command line; the store is the one of MLFLOW_TRACKING_URI."""

EXPERIMENT = "digits"
MODEL = "digits"


def main() -> None:
    """Run the command: train, promote, rollback or serve-version."""
    raise NotImplementedError("TODO: four commands, each prints the number of a version")


if __name__ == "__main__":
    main()
