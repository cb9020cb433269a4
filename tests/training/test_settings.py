"""Settings of training that cannot be are refused in a line."""

import pytest

from ebmbench.training.settings import TrainSettings


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"save_minutes": 0.0}, "save_minutes = 0.0; allowed: above 0"),
        ({"precision": "float16"}, "precision = 'float16'; did you mean bfloat16. allowed: float32, bfloat16"),
    ],
)
def test_impossible_settings_are_refused(settings, line):
    with pytest.raises(ValueError, match=line):
        TrainSettings(**settings)
