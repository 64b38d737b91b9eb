dvc init -q &&
    dvc config core.autostage true &&
    dvc remote add storage ../storage &&
    dvc remote default storage &&
    dvc add -q data/raw &&
    git commit -q -a -m "raw data, version 1" &&
    dvc push -q -r storage &&
    git tag v1.0 &&
    git push -q --atomic origin main v1.0 || exit 1
