#!/bin/bash
set -eu

usage() { printf 'usage: setup_project.sh PROJECT ZONE\n' >&2; exit 64; }
[ "$#" = 2 ] || usage
PROJECT="$1"; ZONE="$2"
ACCOUNT="trainer@${PROJECT}.iam.gserviceaccount.com"

in_project() { gcloud --quiet --project="${PROJECT}" "$@"; }

enable() {
    local enabled
    enabled=$(in_project services list --enabled --format='value(config.name)')
    for service in "$@"; do
        grep -qx "${service}.googleapis.com" <<< "${enabled}" || in_project services enable "${service}.googleapis.com"
    done
}

account() {
    local found
    found=$(in_project iam service-accounts list --filter="email=${ACCOUNT}" --format='value(email)')
    [ -n "${found}" ] || in_project iam service-accounts create trainer --description='runs the training'
}

grant() {
    gcloud projects add-iam-policy-binding "${PROJECT}" --member="serviceAccount:${ACCOUNT}" --role="$1" --condition=None --format=none
}

machine() {
    local found
    found=$(in_project compute instances list --filter="name=train-1 AND zone:${ZONE}" --format='value(name)')
    [ -z "${found}" ] || return 0
    in_project compute instances create train-1 --zone="${ZONE}" --machine-type=e2-standard-4 --no-address \
        --image-project=debian-cloud --image-family=debian-13 --boot-disk-size=50GB --labels=purpose=training \
        --service-account="${ACCOUNT}" --scopes=https://www.googleapis.com/auth/cloud-platform
}

enable compute storage logging
account
for role in roles/logging.logWriter roles/storage.objectCreator roles/storage.objectViewer; do grant "${role}"; done
machine
echo "train-1 is ready in ${ZONE}"
