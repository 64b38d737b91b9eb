"""Hooks that are also called when a module raises."""

import torch


def walk(model, input_shape):
    """Return the entries of calls that returned, the failures from the inside out, and what was raised."""
    entries, failures, handles = [], [], []
    was_training = [module for module in model.modules() if module.training]
    names = dict(reversed([(module, name) for name, module in model.named_modules()]))

    def seen(module, inputs, output):
        if output is None:
            failures.append((names[module], tuple(inputs[0].shape)))
        else:
            tensor = next(iter(output)) if isinstance(output, tuple) else output
            entries.append((names[module], tuple(tensor.size())))

    for module in names:
        handles.append(module.register_forward_hook(seen, always_call=True))
    raised = None
    try:
        model.eval()
        first = next(model.parameters(), torch.zeros(()))
        with torch.no_grad():
            model(first.new_zeros(input_shape))
    except Exception as error:
        raised = error
    finally:
        for handle in handles:
            handle.remove()
        for module in was_training:
            module.training = True
    return entries, failures, raised


def trace_shapes(model, input_shape):
    entries, _, raised = walk(model, input_shape)
    if raised is not None:
        raise raised
    return [entry for entry in entries if entry[0]]


def first_mismatch(model, input_shape):
    _, failures, raised = walk(model, input_shape)
    if raised is None:
        return None
    if not isinstance(raised, (RuntimeError, ValueError, IndexError)):
        raise raised
    return failures[0]
