"""views.*: modals and home tabs."""

from app.sandbox.acts import views
from app.sandbox.api.registry import Call, method
from app.sandbox.blocks import validate
from app.sandbox.contract import limit
from app.sandbox.errors import SlackError
from app.sandbox.jsontypes import JsonObject, as_objects, as_text, dumps
from app.sandbox.model import View

VIEW_BYTES = 250_000
"""A view larger than this is view_too_large (Slack's reference)."""


def check(given: JsonObject, kinds: tuple[str, ...]) -> None:
    """Check a view.

    Raises:
        SlackError: invalid_arguments with what is wrong, or view_too_large.
    """
    found = validate.Findings()
    kind = given.get("type")
    if kind not in kinds:
        found.add(f"must be one of the allowed types: {', '.join(kinds)}", "/view/type")
    if kind == "modal":
        found.plain(given.get("title"), "/view/title", limit("view", "title", "max_length"))
        for name in ("submit", "close"):
            if given.get(name) is not None:
                found.plain(given[name], f"/view/{name}", limit("view", name, "max_length"))
        if given.get("submit") is None and any(
            block.get("type") == "input" for block in as_objects(given.get("blocks"))
        ):
            found.add("missing required field: submit", "/view/submit")
    for name in ("private_metadata", "callback_id", "external_id"):
        if name in given:
            found.length(given[name], f"/view/{name}", limit("view", name, "max_length"), least=0)
    if not isinstance(given.get("blocks"), list):
        found.add("missing required field: blocks", "/view/blocks")
    surface = "home" if kind == "home" else "modal"
    wrong = found.messages + validate.problems(given.get("blocks"), surface, "/view")
    if wrong:
        raise SlackError("invalid_arguments", wrong)
    if len(dumps(given).encode("utf-8", "surrogatepass")) > VIEW_BYTES:
        raise SlackError("view_too_large")


def _given(call: Call, *kinds: str, shown: View | None = None) -> JsonObject:
    """The view of a call; `shown` is what it goes in place of, if anything."""
    given = call.args.object("view", "invalid_arguments")
    check(given, kinds)
    external = given.get("external_id")
    others = (view for view in call.workspace.views.values() if view is not shown)
    if external and any(view.shape.get("external_id") == external for view in others):
        raise SlackError("duplicate_external_id")
    return given


def _answer(view: View) -> JsonObject:
    return {"view": view.shape}


@method("views.open")
def open_(call: Call) -> JsonObject:
    """Open a modal for whoever's interaction the trigger is."""
    if "trigger_id" not in call.args:
        raise call.args.missing("trigger_id")
    given = _given(call, "modal")
    trigger = call.world.triggers.redeem(call.args.text("trigger_id"), call.world.settings.trigger_seconds)
    view = views.show(call.world, trigger.user, given)
    trigger.opened.append(view.id)
    return _answer(view)


@method("views.push")
def push(call: Call) -> JsonObject:
    """Put a modal on top of the one that the trigger came from."""
    if "trigger_id" not in call.args:
        raise call.args.missing("trigger_id")
    given = _given(call, "modal")
    trigger = call.world.triggers.redeem(call.args.text("trigger_id"), call.world.settings.trigger_seconds)
    stack = call.workspace.modals[trigger.user]
    if not trigger.from_modal or not stack:
        raise SlackError("not_found")
    if len(stack) >= views.MODAL_STACK:
        raise SlackError("push_limit_reached")
    view = views.show(call.world, trigger.user, given, push=True)
    trigger.opened.append(view.id)
    return _answer(view)


@method("views.update")
def update(call: Call) -> JsonObject:
    """Change an open view, if its hash is still the one given."""
    view = _find(call)
    given = _given(call, as_text(view.shape.get("type")), shown=view)
    if "hash" in call.args and call.args.text("hash") != view.shape["hash"]:
        raise SlackError("hash_conflict")
    views.replace(call.world, view, given)
    return _answer(view)


def _find(call: Call) -> View:
    if "view_id" in call.args:
        view = call.workspace.views.get(call.args.text("view_id"))
    elif "external_id" in call.args:
        wanted = call.args.text("external_id")
        view = next((one for one in call.workspace.views.values() if one.shape["external_id"] == wanted), None)
    else:
        raise call.args.missing("view_id")
    if view is None:
        raise SlackError("not_found")
    return view


@method("views.publish")
def publish(call: Call) -> JsonObject:
    """Set a person's home tab."""
    user = call.user(call.args.text("user_id"), "invalid_arguments")
    known = call.workspace.homes.get(user.id)
    shown = call.workspace.views[known] if known is not None else None
    given = _given(call, "home", shown=shown)
    if shown is not None and "hash" in call.args and call.args.text("hash") != shown.shape["hash"]:
        raise SlackError("hash_conflict")
    return _answer(views.publish(call.world, user.id, given))
