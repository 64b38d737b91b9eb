"""What gcloud says when it refuses a command."""


class CloudError(Exception):
    """What gcloud would say on stderr, and its status; 2 stands for a command line that it cannot read."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status
