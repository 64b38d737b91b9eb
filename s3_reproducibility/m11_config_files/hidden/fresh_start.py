"""Run a program with random numbers that nobody has seeded, as a new interpreter would.

The grader forks its programs from a warm parent: they would all inherit one state of torch's generator, and a program
that forgets to seed would look reproducible.
"""

import random
import runpy
import sys

import numpy as np
import torch

torch.seed()
np.random.seed()
random.seed()
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
