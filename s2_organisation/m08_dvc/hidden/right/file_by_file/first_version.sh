set -e
dvc init -q
dvc config core.autostage true
dvc config core.analytics false
mkdir -p ../storage
dvc remote add storage ../storage
dvc remote default storage
# One .dvc file for each data file.
find data/raw -type f ! -name '*.dvc' ! -name .gitignore -print0 | xargs -0 dvc add -q
git add -A .
git commit -qm "First data"
git tag v1.0
dvc push -q -r storage
git push -q
git push -q --tags
