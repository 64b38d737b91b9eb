import warnings

import numpy as np
import pandas as pd
from schema import Decision
from scipy import stats


def decide(evaluation, policy):
    # A DataFrame of lists that differ in length raises ValueError by itself.
    rows = pd.DataFrame(evaluation.model_dump(include={"labels", "groups", "champion", "challenger"}))
    if rows.empty:
        raise ValueError("no rows to compare")
    old = rows["champion"].eq(rows["labels"])
    new = rows["challenger"].eq(rows["labels"])
    rows["gain"] = new.astype(int) - old.astype(int)
    by_group = rows.groupby("groups")["gain"].agg(["size", "mean"])
    slices = by_group.loc[by_group["size"] >= policy.min_slice, "mean"]
    interval = confidence_interval(rows["gain"].to_numpy(), policy.confidence)
    latencies = pd.Series(evaluation.latency_ms, dtype=float)
    checks = {
        "accuracy": interval[0] >= -policy.margin,
        **{f"slice:{name}": loss >= -policy.slice_margin for name, loss in slices.items()},
        **{f"unmeasured:{name}": name in slices.index for name in policy.required_groups},
        "latency": latencies.quantile(0.95) <= policy.max_latency_ms,  # NaN of an empty series is not below anything
        "size": evaluation.size_mb is not None and evaluation.size_mb <= policy.max_size_mb,
    }
    reasons = [name for name, fine in checks.items() if not fine]
    return Decision(
        approved=reasons == [],
        difference=rows["gain"].mean(),
        interval=interval,
        slices=slices.to_dict(),
        reasons=reasons,
    )


def confidence_interval(gain, confidence):
    if (gain == gain[0]).all():
        return float(gain[0]), float(gain[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = stats.bootstrap(
            (gain,),
            np.mean,
            n_resamples=2000,
            confidence_level=confidence,
            method="BCa",
            batch=500,
            vectorized=True,
            rng=np.random.default_rng(47),
        )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def adjusted_difference(champion, challenger):
    if champion.keys() ^ challenger.keys():
        raise ValueError("not the same groups")
    reports = pd.concat(
        {
            name: pd.DataFrame.from_dict(
                {g: c.model_dump() for g, c in report.items()}, orient="index", columns=["right", "rows"]
            )
            for name, report in (("old", champion), ("new", challenger))
        },
        axis="columns",
    )
    if not len(reports):
        raise ValueError("no groups")
    accuracy = reports.xs("right", axis=1, level=1) / reports.xs("rows", axis=1, level=1)
    weights = reports.xs("rows", axis=1, level=1).sum(axis=1)
    return float(np.average(accuracy["new"] - accuracy["old"], weights=weights))
