"""The trusted side: run one hidden suite under pytest against one submission, and decide.

`run` starts judging and collects what it reports; `process` is the process that judges; `plugin` is its pytest plugin;
`explain` turns a failed check into what a student reads.
"""
