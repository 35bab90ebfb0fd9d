"""Modals and home tabs: shown, changed, closed."""

from app.sandbox import ids
from app.sandbox.acts.messages import with_block_ids
from app.sandbox.jsontypes import JsonObject, as_objects
from app.sandbox.model import View
from app.sandbox.world import World

MODAL_STACK = 3
"""A modal may have two more pushed on it (Slack's reference)."""


def shape_of(world: World, given: JsonObject, *, like: JsonObject | None = None) -> JsonObject:
    """The view as Slack keeps and sends it, from what the app gave; `like` is the view it replaces."""
    team = world.workspace.team
    id_ = like["id"] if like else ids.random_id("V")
    shape: JsonObject = {
        "id": id_,
        "team_id": team.id,
        "type": given.get("type"),
        "blocks": with_block_ids(as_objects(given.get("blocks"))),
        "private_metadata": given.get("private_metadata", ""),
        "callback_id": given.get("callback_id", ""),
        "state": {"values": {}},
        "hash": f"{int(world.now().timestamp())}.{ids.random_id('', 8)}",
        "title": given.get("title"),
        "clear_on_close": given.get("clear_on_close") is True,
        "notify_on_close": given.get("notify_on_close") is True,
        "close": given.get("close"),
        "submit": given.get("submit"),
        "previous_view_id": like["previous_view_id"] if like else None,
        "root_view_id": like["root_view_id"] if like else id_,
        "app_id": team.app_id,
        "external_id": given.get("external_id", ""),
        "app_installed_team_id": team.id,
        "bot_id": team.bot_id,
    }
    return shape


def show(world: World, user: str, given: JsonObject, *, push: bool = False) -> View:
    """Open a modal, in place of those that are open, or push it on top of them."""
    workspace = world.workspace
    shape = shape_of(world, given)
    stack = workspace.modals[user]
    if push and stack:
        shape["previous_view_id"] = stack[-1]
        shape["root_view_id"] = stack[0]
    else:
        close_all(world, user)
    world.commit("view.shown", workspace.team.bot_user, {"user": user, "view": shape})
    return workspace.views[str(shape["id"])]


def publish(world: World, user: str, given: JsonObject) -> View:
    """Set a person's home tab."""
    workspace = world.workspace
    known = workspace.homes.get(user)
    if known is not None:
        replace(world, workspace.views[known], given)
        return workspace.views[known]
    shape = shape_of(world, given)
    world.commit("view.shown", workspace.team.bot_user, {"user": user, "view": shape})
    return workspace.views[str(shape["id"])]


def replace(world: World, view: View, given: JsonObject) -> None:
    """Put other content into an open view."""
    shape = shape_of(world, given, like=view.shape)
    world.commit("view.changed", world.workspace.team.bot_user, {"user": view.user, "view": shape})


def close(world: World, view: View) -> None:
    """Close one view."""
    world.commit("view.closed", view.user, {"user": view.user, "id": view.id})


def close_all(world: World, user: str) -> None:
    """Close every modal of a person."""
    for id_ in reversed(list(world.workspace.modals[user])):
        close(world, world.workspace.views[id_])
