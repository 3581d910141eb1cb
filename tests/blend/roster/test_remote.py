"""Where a remote member is reached: what a roster may say, and the line that says what is wrong."""

import pytest
from rosters import refused, roster

from blend.members.remote.address import Address, Timeouts

GOOD = """
[[member]]
name = "far"
engine = "remote"
model = "m"
base_urls = ["http://one:8000/v1/", "https://two/v1"]
api_key_env = "FAR_KEY"
extra = ["top_k"]
thinking = true
[member.timeouts]
first_token = 7
[member.sampling]
top_k = 5
[[blend]]
name = "B"
members = ["far"]
"""


def test_an_address_is_read_whole(tmp_path):
    spec = roster(tmp_path, GOOD).members[0]

    assert (spec.engine, spec.model, spec.sampling.top_k) == ("remote", "m", 5)
    assert spec.options["address"] == Address(
        ("http://one:8000/v1", "https://two/v1"),
        "FAR_KEY",
        frozenset({"top_k"}),
        thinking=True,
        timeouts=Timeouts(first_token=7),
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('model = "m"\n', "", "member 'far': give `model`, the name that its servers know"),
        ('model = "m"', 'model = "m"\npath = "."', "and no `path`"),
        ("base_urls", "base_ulrs", "unknown key 'base_ulrs' .* did you mean 'base_urls'"),
        ("base_urls =", "# ", "member 'far': give its server in one way"),
        ("extra", 'base_url = "http://x/v1"\nextra', "give its server in one way"),
        ('["http://one:8000/v1/", "https://two/v1"]', "[]", "base_urls of .* list of texts"),
        ("http://one:8000", "one:8000", "'one:8000/v1/' is no base_url: it begins with http"),
        ("http://one:8000", "http://one:80000", "is no base_url"),
        ("https://two/v1", "http://one:8000/v1", "names a server twice"),
        ("https://two", "https://me:pass@two", "no user, password or query: name an environment"),
        ("https://two/v1", "https://two/v1?key=1", "no user, password or query"),
        ('["top_k"]', '["topk"]', "no setting 'topk'; did you mean 'top_k'"),
        ('extra = ["top_k"]', "", "top_k cannot be honoured .*'remote': remove it, or name it in"),
        ("extra", "window = 3\nextra", "window must be at least 16, not 3"),
        ("thinking = true", "thinking = 1", "'thinking' in .* cannot be 1: its type is wrong"),
        ("extra", "retries = -1\nextra", "retries must be at least 0"),
        ("first_token", "first_tokens", "unknown key 'first_tokens' in .*timeouts.* of member"),
        ("first_token = 7", "connect = 0", "connect of member 'far' must be some seconds, not 0"),
        ("first_token = 7", "connect = inf", "connect of .* must be some seconds"),
        ("first_token = 7", 'connect = "5"', "'connect' in .* its type is wrong"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(tmp_path, old, new, said):
    line = refused(tmp_path, GOOD.replace(old, new, 1), said)
    assert "pass" not in line.split("no user")[0]
