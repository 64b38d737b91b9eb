#!/usr/bin/env bash
# Everything is said once, in gcloud's own configuration.
set -o errexit -o nounset -o pipefail
[[ ${2-} ]] || { echo "usage: ${0##*/} PROJECT ZONE" >&2; exit 64; }
gcloud config set core/project "$1"
gcloud config set compute/zone "$2"
gcloud config set compute/region "${2%-*}"

gcloud services enable {cloudresourcemanager,iam,compute,storage,logging}.googleapis.com
who=trainer@$(gcloud config get-value project).iam.gserviceaccount.com
if [[ -z $(gcloud iam service-accounts list --filter="email:trainer@*" --format="get(email)") ]]; then
  gcloud iam service-accounts create trainer --display-name='The trainer'
fi
if ! gcloud beta compute instances list --filter='name=(train-1) AND status!=TERMINATED' --format='csv[no-heading](name)' | grep -q .; then
  # no instance yet: the roles below reach it once it runs
  gcloud compute instances create train-1 --machine-type=e2-standard-4 --image-family=debian-13 \
    --image-project=debian-cloud --service-account="$who" --scopes=logging-write,cloud-platform \
    --network-interface=network=default,no-address --shielded-vtpm --on-host-maintenance=MIGRATE
fi
while read -r role; do
  gcloud projects add-iam-policy-binding "$1" --member="serviceAccount:$who" --role="roles/$role" --condition=None
done <<< $'storage.objectViewer\nstorage.objectCreator\nlogging.logWriter' >/dev/null
