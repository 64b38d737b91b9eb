"""The model that predicts the age of a plant."""

import logging
from typing import Literal

from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import TargetEncoder  # new in scikit-learn 1.3

from leafcount.settings import read_settings

logger = logging.getLogger(__name__)


def make_model(kind: Literal["forest", "ridge"]) -> Pipeline:
    """A model that is not trained yet."""
    seed = read_settings("settings.yaml").get("seed", 0)
    logger.info("a %s with seed %s", kind, seed)
    match kind:
        case "forest":
            return make_pipeline(TargetEncoder(), RandomForestRegressor(random_state=seed))
        case "ridge":
            return make_pipeline(TargetEncoder(), Ridge())
