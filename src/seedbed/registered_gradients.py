"""What TensorFlow keeps of the gradients of compiled functions."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unregistered_gradients() -> Iterator[None]:
    """Drop the gradients that ``tf.custom_gradient`` registers in a trace; they hold its graph, and nothing reads them.

    (``tf.gradients`` and gradients of loops would.)
    """
    from tensorflow.python.framework.ops import gradient_registry

    registered = gradient_registry._registry  # there is no public way to drop one
    before = set(registered)
    try:
        yield
    finally:
        for name in set(registered) - before:
            registered.pop(name, None)
