from seedbed.api import Arm as Arm
from seedbed.api import Comparison as Comparison
from seedbed.api import Corpus as Corpus
from seedbed.api import InputError as InputError
from seedbed.api import analyse as analyse
from seedbed.api import arm as arm
from seedbed.api import compare as compare
from seedbed.api import load as load
from seedbed.api import results as results
from seedbed.saved_models.model import load_model as load_model

__version__: str
