#!/usr/bin/env bash
# Set up a project for training: its services, an account for the training machine, and the machine.
# Usage: setup_project.sh PROJECT ZONE
set -euo pipefail

if [ $# -ne 2 ]; then
    echo "usage: $0 PROJECT ZONE" >&2
    exit 2
fi
project=$1
zone=$2
account="trainer@$project.iam.gserviceaccount.com"

gcloud services enable compute.googleapis.com storage.googleapis.com logging.googleapis.com --project "$project"

if ! gcloud iam service-accounts describe "$account" --project "$project" > /dev/null 2>&1; then
    gcloud iam service-accounts create trainer --display-name "Training" --project "$project"
fi

for role in storage.objectViewer storage.objectCreator logging.logWriter; do
    gcloud projects add-iam-policy-binding "$project" --member "serviceAccount:$account" --role "roles/$role" > /dev/null
done

if ! gcloud compute instances describe train-1 --zone "$zone" --project "$project" > /dev/null 2>&1; then
    gcloud compute instances create train-1 --zone "$zone" --project "$project" \
        --machine-type e2-standard-4 --image-family debian-12 --image-project debian-cloud \
        --service-account "$account" --no-address
fi
