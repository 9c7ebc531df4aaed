"""What has to be installed to use a model."""

import seedbed
from seedbed.embeddings.bpemb import BPEmb
from seedbed.embeddings.stack import leaves
from seedbed.saved_models.description import Description


def requirement(description: Description) -> str:
    """Return the requirement of pip, with the extras that the model needs, such as ``seedbed[icu]==0.1.0``."""
    embeddings = [one for variant in description.variants for _, one in leaves(variant.embedding)]
    needed = {
        "bpemb": any(isinstance(one, BPEmb) for one in embeddings),
        "icu": description.text.tokenizer == "icu",
    }
    extras = ",".join(name for name, is_needed in needed.items() if is_needed)
    return "seedbed" + f"[{extras}]" * bool(extras) + f"=={seedbed.__version__}"
