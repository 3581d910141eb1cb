"""LaTeX becomes MathML, or nothing where it cannot be read."""

import pytest

from arena.pages.formula import LONGEST, mathml


def test_a_formula_becomes_mathml_and_text_in_it_is_no_markup():
    half = "<mfrac><mn>1</mn><mn>2</mn></mfrac>"
    assert mathml(r"\frac12", False) == f'<math display="inline"><mrow>{half}</mrow></math>'
    assert "<mtext>a&lt;b&gt;</mtext>" in mathml(r"\text{a<b>}", True)
    assert mathml(r"\begin{aligned}a&=b\\c&=d\end{aligned}", True).count("<mtr>") == 2


@pytest.mark.parametrize(
    "source",
    [r"\foo", r"\frac{a", "a & b", r"\begin{foo}", "x_", "{" * 50 + "}" * 50, "x" * (LONGEST + 1)],
)
def test_what_cannot_be_read_is_nothing(source):
    assert mathml(source, False) is None
