"""The picker in the frames a Moodle gives it: 766 × 575 on a desktop, 312 × 234 on a phone 360 pixels wide."""

from __future__ import annotations

import pytest
from front_end import ORIGIN, Site
from playwright.sync_api import Browser

REACHED = """one => {
  one.scrollIntoView({block: "center", behavior: "instant"});
  const box = one.getBoundingClientRect();
  const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return one.contains(there) || (there !== null && there.contains(one) && there.matches("label"));
}"""


@pytest.mark.parametrize(("width", "height"), [(766, 575), (312, 234), (568, 234)])
def test_everything_in_the_picker_can_be_reached(
    chromium: Browser, site: Site, width: int, height: int
) -> None:
    page = site.open(chromium.new_context(viewport={"width": width, "height": height}))
    page.goto(f"{ORIGIN}/picker")
    controls = page.locator("input[name=item]:visible, button:visible, summary:visible").all()
    assert len(controls) > 5
    hidden = [one.evaluate("one => one.outerHTML") for one in controls if not one.evaluate(REACHED)]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
    assert hidden == []
