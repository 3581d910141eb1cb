"""With several processes, what the tests of a file share is set up in one of them alone."""

import pytest


@pytest.fixture(scope="module")
def setups(request, tmp_path_factory):
    """A file that all processes of this run share, with a line for each that came here."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if hasattr(request.config, "workerinput") else folder
    with (shared / "setups").open("a") as file:
        file.write("set up\n")
    return shared / "setups"


@pytest.mark.parametrize("test", range(8))
def test_a_site_that_the_tests_of_a_file_share_is_started_once(setups, test):
    assert setups.read_text() == "set up\n"
