"""What a page says to who runs no script, whole or packed."""

from dataclasses import replace

import pytest
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient

from arena.pages.header import PAGES, share_head
from arena.web.page_head import BASE, PageHead

TEMPLATE = """<!doctype html><html><head><meta charset="utf-8" />
<meta
  property="og:description"
  content="Gradio's"
/>
<meta name="twitter:title" content="Gradio" /><script>let a = "x";</script></head>
<body>Here</body></html>"""
HEADS = {f"/{path}": share_head(path, BASE) for path in PAGES}


def client(site, root_path: str = "") -> TestClient:
    site.settings = replace(site.settings, root_path=root_path)
    return TestClient(PageHead(HTMLResponse(TEMPLATE), HEADS, site.address))


@pytest.mark.parametrize("coding", ["identity", "gzip, br"])
@pytest.mark.parametrize(
    ("root", "base"),
    [
        ("", "http://testserver"),
        ("/some/arena", "http://testserver/some/arena"),
        ("https://x.example/arena/", "https://x.example/arena"),
    ],
)
def test_a_page_has_its_own_title_and_a_picture_by_its_whole_address(site, coding, root, base):
    answer = client(site, root).get("/leaderboard", headers={"accept-encoding": coding})
    assert ("content-encoding" in answer.headers) == ("gzip" in coding)
    page = answer.text
    assert "Gradio" not in page and 'let a = "x";' in page and page.endswith("</html>")
    assert "<title>Leaderboard · Blended Arena</title>" in page
    assert f'<meta property="og:image" content="{base}/preview.png">' in page
    assert f'<meta property="og:url" content="{base}/leaderboard">' in page


def test_other_paths_are_left_alone_and_a_host_is_no_markup(site):
    assert client(site).get("/config").text == TEMPLATE
    odd = {"host": 'x"><script>', "x-forwarded-proto": "javascript"}
    page = client(site).get("/", headers=odd)
    assert 'x"><script>' not in page.text and "javascript:" not in page.text


def test_a_page_of_the_prefixs_own_name_has_its_title_too():
    page = PageHead(HTMLResponse(TEMPLATE), HEADS, lambda headers: "http://x/arena")
    answer = TestClient(page, root_path="/arena").get("/arena/arena")  # as Starlette names it
    assert "<title>Arena · Blended Arena</title>" in answer.text
