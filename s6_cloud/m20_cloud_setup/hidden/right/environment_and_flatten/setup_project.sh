#!/bin/bash
die() { printf '%s\n' "$*" >&2; exit 1; }
(($# == 2)) || die "usage: setup_project.sh PROJECT ZONE"
export CLOUDSDK_CORE_PROJECT=$1 CLOUDSDK_COMPUTE_ZONE=$2 CLOUDSDK_CORE_DISABLE_PROMPTS=1
trainer=trainer@$1.iam.gserviceaccount.com

gcloud services enable logging.googleapis.com compute.googleapis.com storage.googleapis.com || die "services"

gcloud iam service-accounts describe "$trainer" --format=none 2>/dev/null ||
  gcloud iam service-accounts create trainer || die "account"

have=$(gcloud projects get-iam-policy "$1" --flatten='bindings[].members' \
  --filter="bindings.members=serviceAccount:$trainer" --format='value(bindings.role)') || die "policy"
for role in roles/{logging.logWriter,storage.objectViewer,storage.objectCreator}; do
  grep -qxF "$role" <<<"$have" && continue
  gcloud projects add-iam-policy-binding "$1" --member "serviceAccount:$trainer" --role "$role" --quiet || die "role $role"
done

vm=$(gcloud compute instances list --filter "name=train-1 zone:$2" --format 'table[no-heading](name, zone.basename())') || die "list"
[[ $vm ]] || gcloud compute instances create train-1 --machine-type e2-standard-4 --no-address \
  --image debian-12-bookworm-v20250910 --image-project debian-cloud \
  --service-account "$trainer" --scopes https://www.googleapis.com/auth/cloud-platform || die "instance"
