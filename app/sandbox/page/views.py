"""The app's home tab and its modals as HTML, and the seals that say whether they changed."""

from app.sandbox.jsontypes import as_object, as_objects, as_text, dumps
from app.sandbox.model import View
from app.sandbox.page import blocks
from app.sandbox.page.viewer import Viewer, text


def top(viewer: Viewer) -> View | None:
    """The topmost modal that a person has open."""
    stack = viewer.workspace.modals.get(viewer.user.id)
    return viewer.workspace.views[stack[-1]] if stack else None


def home_view(viewer: Viewer) -> View | None:
    """What the app published for a person."""
    id_ = viewer.workspace.homes.get(viewer.user.id)
    return viewer.workspace.views[id_] if id_ is not None else None


def seal(view: View | None) -> str:
    """Changes whenever what the view shows does; empty when there is none."""
    if view is None:
        return ""
    return f"{view.id}.{as_text(view.shape.get('hash'))}.{dumps(view.errors) if view.errors else ''}"


def home(viewer: Viewer) -> str:
    """The app's home tab."""
    view = home_view(viewer)
    if view is None:
        return '<p class="empty">The app has published nothing here yet.</p>'
    body = blocks.html(as_objects(view.shape.get("blocks")), viewer)
    return f'<div class="home" data-view="{text(view.id)}">{body}</div>'


def modal(view: View, viewer: Viewer) -> str:
    """A modal, with the errors it shows; one that was pushed has a way back."""
    shape = view.shape
    title = as_text(as_object(shape.get("title")).get("text"))
    pushed = len(viewer.workspace.modals[viewer.user.id]) > 1
    close = as_text(as_object(shape.get("close")).get("text")) or ("Back" if pushed else "Cancel")
    submit = as_text(as_object(shape.get("submit")).get("text"))
    general = view.errors.get("", "")
    error = f'<p class="error" role="alert">{text(general)}</p>' if general else ""
    body = blocks.html(as_objects(shape.get("blocks")), viewer, in_modal=True, errors=view.errors)
    send = f'<button type="submit" class="act primary">{text(submit)}</button>' if submit else ""
    back = '<button type="button" class="plain" data-close aria-label="Back">←</button>' if pushed else ""
    away = '<button type="button" class="plain" data-close="all" aria-label="Close">✕</button>'
    return (
        f'<form class="modal" data-view="{text(view.id)}" novalidate>'
        f"<header>{back}{viewer.avatar(viewer.workspace.team.bot_user)}"
        f'<h2 id="modal-title">{text(title)}</h2>{away}</header>'
        f'{error}<div class="fill" tabindex="-1">{body}</div>'
        f'<footer><button type="button" class="act" data-close>{text(close)}</button>{send}</footer></form>'
    )
