"""What the boxes of both pages and the listeners around them have in common."""

import httpx


def test_each_event_is_cancelled_by_a_listener_of_its_own(scripted_site):
    made = httpx.get(f"{scripted_site.url}/config").json()["dependencies"]
    assert {len(each["cancels"]) for each in made} == {0, 1}
