set -e
git ls-files -z -- data/ | git update-index -z --force-remove --stdin
printf '\n# too large for git\n/data\n' >> .gitignore
git commit -q -m "data/ is no longer tracked" --include .gitignore
git push -q origin main
