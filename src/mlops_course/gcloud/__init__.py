"""A stand-in for Google Cloud and its program `gcloud`, as far as a project is set up with them.

    python -m mlops_course.gcloud bash setup_project.sh my-project europe-west1-c

runs a command with the stand-in first on PATH, in an empty cloud, and shows what the projects hold afterwards.
"""

from mlops_course.gcloud.cloud import Cloud, Project
from mlops_course.gcloud.errors import CloudError
from mlops_course.gcloud.stand_in import PROGRAM, answering

__all__ = ["PROGRAM", "Cloud", "CloudError", "Project", "answering"]
