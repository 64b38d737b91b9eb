#!/usr/bin/env bash
if (( $# < 2 )); then
  >&2 echo "Call me as: setup_project.sh PROJECT ZONE"
  exit 1
fi

trap 'echo "stopped in line $LINENO" >&2; exit 1' ERR

declare -r PROJECT=$1 ZONE=$2
declare -ra ROLES=(roles/storage.objectViewer roles/storage.objectCreator roles/logging.logWriter)

gcloud config set project "$PROJECT"
for api in compute.googleapis.com storage.googleapis.com logging.googleapis.com; do
  gcloud services enable $api
done

email=trainer@$PROJECT.iam.gserviceaccount.com
accounts=$(gcloud iam service-accounts list --format json)
if [[ $accounts != *"\"$email\""* ]]; then
  gcloud iam service-accounts create trainer
fi
for role in "${ROLES[@]}"; do
  gcloud projects add-iam-policy-binding "$PROJECT" --role "$role" --member "serviceAccount:$email"
done

gcloud compute instances describe train-1 --zone "$ZONE" --format "value(status)" 2> /dev/null || \
  gcloud compute instances create train-1 \
    --zone "$ZONE" \
    --machine-type e2-standard-4 \
    --image-family ubuntu-2404-lts-amd64 --image-project ubuntu-os-cloud \
    --service-account "$email" \
    --scopes cloud-platform \
    --provisioning-model SPOT \
    --no-address
