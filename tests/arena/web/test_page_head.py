"""What a page says to who runs no script, whole or packed."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient

from arena.db.store import Store
from arena.pages.header import PAGES, share_head
from arena.site.site import Site
from arena.web.page_head import BASE, PageHead
from blend.roster import read

TEMPLATE = """<!doctype html><html><head><meta charset="utf-8" />
<meta
  property="og:description"
  content="Gradio's"
/>
<meta name="twitter:title" content="Gradio" /><script>let a = "x";</script></head>
<body>Here</body></html>"""
HEADS = {f"/{path}": share_head(path, BASE) for path in PAGES}


@contextmanager
def client(folder, root_path: str = "") -> Iterator[TestClient]:
    roster = read("scripted")
    roster = replace(roster, settings=replace(roster.settings, root_path=root_path))
    with closing(Store.open(folder / "a.db")) as store:
        yield TestClient(PageHead(HTMLResponse(TEMPLATE), HEADS, Site(roster, store).address))


@pytest.mark.parametrize("coding", ["identity", "gzip, br"])
@pytest.mark.parametrize(
    ("root", "base"),
    [
        ("", "http://testserver"),
        ("/some/arena", "http://testserver/some/arena"),
        ("https://x.example/arena/", "https://x.example/arena"),
    ],
)
def test_a_page_has_its_own_title_and_a_picture_by_its_whole_address(tmp_path, coding, root, base):
    with client(tmp_path, root) as site:
        answer = site.get("/leaderboard", headers={"accept-encoding": coding})
    assert ("content-encoding" in answer.headers) == ("gzip" in coding)
    page = answer.text
    assert "Gradio" not in page and 'let a = "x";' in page and page.endswith("</html>")
    assert "<title>Leaderboard · Blended Arena</title>" in page
    assert f'<meta property="og:image" content="{base}/preview.png">' in page
    assert f'<meta property="og:url" content="{base}/leaderboard">' in page


def test_other_paths_are_left_alone_and_a_host_is_no_markup(tmp_path):
    with client(tmp_path) as site:
        assert site.get("/config").text == TEMPLATE
        page = site.get("/", headers={"host": 'x"><script>', "x-forwarded-proto": "javascript"})
    assert 'x"><script>' not in page.text and "javascript:" not in page.text


def test_a_page_of_the_prefixs_own_name_has_its_title_too():
    page = PageHead(HTMLResponse(TEMPLATE), HEADS, lambda headers: "http://x/arena")
    answer = TestClient(page, root_path="/arena").get("/arena/arena")  # as Starlette names it
    assert "<title>Arena · Blended Arena</title>" in answer.text
