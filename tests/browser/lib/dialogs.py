"""Works a browser's own dialogs by name, as a screen reader would (AT-SPI).

A page's script cannot see these dialogs: the choice of a client certificate, the unlocking of a
token, the question about local access. Pages themselves are left out of the search.

usage: dialogs.py SECONDS wait NAME     until a button NAME is showing
       dialogs.py SECONDS gone NAME     until none is
       dialogs.py SECONDS press NAME    press the button NAME until it is gone
       dialogs.py SECONDS choose TEXT   select the table row that has a cell TEXT
       dialogs.py SECONDS rows          print the cells of the table's rows, as JSON
"""

import json
import sys

import pyatspi
from gi.repository import GLib

CHECK_EVERY_MS = 100
PRESS_EVERY_US = 1_000_000


def main():
    seconds, command, *names = sys.argv[1:]
    commands = {"wait": wait, "gone": gone, "press": press, "choose": choose, "rows": rows}
    step = commands[command]
    loop = GLib.MainLoop()
    outcome = {"done": False}

    def check():
        try:
            outcome["done"] = step(*names)
        except GLib.Error:
            pass  # The tree changed while it was read: the next check sees the new one.
        if outcome["done"]:
            loop.quit()
        return not outcome["done"]

    def give_up():
        loop.quit()
        return False

    if check():
        GLib.timeout_add(CHECK_EVERY_MS, check)
        GLib.timeout_add_seconds(int(seconds), give_up)
        loop.run()
    if not outcome["done"]:
        seen = sorted({f"{node.getRoleName()} {node.name!r}" for node in nodes() if node.name})
        sys.exit(f"no success within {seconds} s: {command} {' '.join(names)}\nshowing: {', '.join(seen)}")


def wait(name):
    return button(name) is not None


def gone(name):
    return button(name) is None


def press(name):
    """Dialogs ignore presses in their first half second, and presses that follow each other fast."""
    found = button(name)
    if found is None:
        return press.last is not None
    now = GLib.get_monotonic_time()
    if press.last is None or now - press.last > PRESS_EVERY_US:
        press.last = now
        act(found, "press")
    return False


press.last = None


def choose(text):
    for row in table_rows():
        if any(cell.name.lower() == text.lower() for cell in row):
            return act(row, "select")
    return False


def rows():
    found = [[cell.name for cell in row] for row in table_rows()]
    if found:
        print(json.dumps(found))
    return bool(found)


def table_rows():
    return [
        node
        for node in nodes()
        if node.getRoleName() == "table row" and action(node, "select") is not None
    ]


def button(name):
    for node in nodes():
        if node.getRoleName() == "push button" and node.name == name:
            return node
    return None


def nodes():
    """What is showing outside of pages, parents before children."""
    waiting = [application for application in pyatspi.Registry.getDesktop(0) if application]
    while waiting:
        node = waiting.pop(0)
        if node.getRoleName() == "document web":
            continue
        if not node.getState().contains(pyatspi.STATE_SHOWING):
            continue
        yield node
        waiting.extend(child for child in node if child is not None)


def act(node, name):
    index = action(node, name)
    return index is not None and node.queryAction().doAction(index)


def action(node, name):
    try:
        actions = node.queryAction()
    except NotImplementedError:
        return None
    names = [actions.getName(index) for index in range(actions.nActions)]
    return names.index(name) if name in names else None


main()
