"""Reading of columns of a text file: numbers that no float64 holds."""

import pytest

from ebmbench.data.csv_columns import Form, read_columns


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("other", ["1", "nan"])
def test_a_whole_number_beyond_float64_is_reported_with_its_column(sign, other):
    content = f"a,b\n1,2\n3,{sign}{'9' * 400}\n4,{other}\n".encode()
    with pytest.raises(ValueError, match="column b: a whole number is too large for a float64"):
        read_columns(content, ["a", "b"], Form(1, ",", "."))
