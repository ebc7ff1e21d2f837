"""That somebody types and moves through a form is told; what is typed is not."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from participant.conftest import Open, Write
from participant.sites import Site, page, step_on

FORM = """<form><input id=name><input id=card><select id=land><option>A<option>B</select></form>
<div id=ticker></div><script>
  setInterval(() => { document.getElementById('ticker').textContent = Math.random(); }, 100);
  setTimeout(() => { document.getElementById('card').value = 'by script';
    document.getElementById('card').dispatchEvent(new Event('input', { bubbles: true })); }, 50);
</script>"""


def test_typing_is_told_once_a_second_and_never_what_is_typed(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(FORM)
    person = open_window(write_study(step_on(site.url + "/"), {}))
    person.show("one")
    QTest.qWait(300)
    assert not person.told("page", kind="input"), "a script that fills in a field is nobody"
    assert not person.told("page", kind="focus")
    person.click("#name")
    person.wait(lambda: person.run("document.activeElement.id") == "name")
    target = person.page.view.focusProxy()
    assert target is not None
    for letter in "secret words":
        QTest.keyClicks(target, letter)
        QTest.qWait(150)
    person.wait(lambda: person.run("document.getElementById('name').value") == "secret words")
    typed = person.told("page", kind="input", selector="#name")
    assert 2 <= len(typed) <= 4, "for two seconds of typing"
    assert {row["detail"] for row in typed} == {"typing"}
    QTest.keyClick(target, Qt.Key.Key_Tab)
    moved = person.wait_for("page", kind="focus")
    assert (moved["selector"], moved["detail"]) == ("#card", "input text")
    said = " ".join(str(row) for row in person.told("page"))
    assert "secret" not in said and "words" not in said
    entered = person.wait_for("page", kind="change", selector="#name")
    assert entered["detail"] == "field: text, 12 characters"
