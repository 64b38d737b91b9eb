python - "$1" <<'END' || exit
import shutil
import sys

shutil.copytree(sys.argv[1], "data/raw", dirs_exist_ok=True)
END
dvc commit -q -f data/raw.dvc || exit
git commit -q -a -m "raw data, version 2" || exit
git tag -m v2.0 v2.0 || exit
dvc push -q || exit
git push -q origin main --follow-tags
