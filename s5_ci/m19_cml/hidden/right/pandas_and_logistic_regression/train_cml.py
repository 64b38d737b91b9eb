import argparse
import os

import matplotlib

matplotlib.use("Agg")
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def flat(path):
    with np.load(path) as arrays:
        return arrays["images"].reshape(arrays["images"].shape[0], -1), arrays["labels"]


def train(data_dir, output_dir):
    os.makedirs(output_dir, exist_ok=True)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
    model.fit(*flat(os.path.join(data_dir, "train.npz")))
    images, target = flat(os.path.join(data_dir, "test.npz"))
    frame = pd.DataFrame({"target": target, "prediction": model.predict(images)})
    frame.to_csv(os.path.join(output_dir, "predictions.csv"))
    plt.matshow(confusion_matrix(frame.target, frame.prediction))
    plt.colorbar()
    plt.savefig(os.path.join(output_dir, "confusion_matrix.png"))
    with open(os.path.join(output_dir, "report.md"), "w") as file:
        print("## Model\n\n![](./confusion_matrix.png)\n\n```text", file=file)
        print(classification_report(frame["target"], frame["prediction"], zero_division=0), file=file)
        share = (frame["target"] == frame["prediction"]).mean()
        print(f"```\n\nTest accuracy: {share:.3f}", file=file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", default="data")
    parser.add_argument("--output-dir", default=".")
    train(**vars(parser.parse_args()))
