"""No hooks: on a copy, each module's forward is wrapped."""

import copy
import functools

import torch


def run_copy(model, input_shape, calls):
    """Run a copy; `calls` gets [name, input shape, output shape or None] as calls begin, and returned ones in order."""
    duplicate = copy.deepcopy(model).eval()
    returned = []

    def wrap(name, module):
        original = module.forward

        @functools.wraps(original)
        def forward(*args, **kwargs):
            record = [name, tuple(args[0].shape), None]
            calls.append(record)
            output = original(*args, **kwargs)
            first = output
            while isinstance(first, (tuple, list)):
                first = first[0]
            record[2] = tuple(first.shape)
            returned.append((name, record[2]))
            return output

        module.forward = forward

    for name, module in duplicate.named_modules():
        wrap(name, module)
    parameters = list(duplicate.parameters())
    where = {"device": parameters[0].device, "dtype": parameters[0].dtype} if parameters else {}
    with torch.inference_mode():
        duplicate(torch.zeros(*input_shape, **where))
    return returned


def trace_shapes(model, input_shape):
    return [entry for entry in run_copy(model, input_shape, []) if entry[0] != ""]


def first_mismatch(model, input_shape):
    calls = []
    try:
        run_copy(model, input_shape, calls)
    except (RuntimeError, ValueError, IndexError):
        name, given, _ = [call for call in calls if call[2] is None][-1]
        return name, given
    return None
