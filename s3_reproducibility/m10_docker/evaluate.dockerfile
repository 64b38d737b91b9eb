# TODO: like train.dockerfile, but for the evaluation.
