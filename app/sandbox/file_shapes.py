"""What a file looks like in Slack's answers and payloads; the keys follow the recorded answers."""

import re

from app.sandbox.jsontypes import JsonObject
from app.sandbox.model import ChannelKind, File, Share, Team


def path_name(name: str) -> str:
    """A file's name as its addresses have it: small ASCII letters, and `_` for what else there is."""
    return re.sub(r"[^\w.-]+", "_", name.lower(), flags=re.ASCII).strip(".") or "_"


def path(team: Team, of: File, *, download: bool = False) -> str:
    """Where the sandbox serves a file, below its origin."""
    return f"/files-pri/{team.id}-{of.id}/{'download/' if download else ''}{path_name(of.name)}"


def file(team: Team, of: File) -> JsonObject:
    """A file object; all that is left of a deleted one is its id."""
    if of.deleted:
        return {"id": of.id, "mode": "tombstone"}
    shape: JsonObject = {
        "id": of.id,
        "created": of.created,
        "timestamp": of.created,
        "name": of.name,
        "title": of.title,
        "mimetype": of.mimetype,
        "filetype": of.filetype,
        "pretty_type": of.pretty_type,
        "user": of.user,
        "user_team": team.id,
        "editable": of.is_snippet,
        "size": of.size,
        "mode": "snippet" if of.is_snippet else "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": any(share.kind == "public" for share in of.shares),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": team.origin + path(team, of),
        "url_private_download": team.origin + path(team, of, download=True),
        "permalink": f"{team.origin}/files/{of.user}/{of.id}/{path_name(of.name)}",
        "comments_count": 0,
        "is_starred": False,
        "shares": _shares(team, of),
        "channels": _where(of, "public"),
        "groups": _where(of, "private", "mpim"),
        "ims": _where(of, "im"),
        "has_more_shares": False,
        "has_rich_preview": False,
        "file_access": "visible",
    }
    if of.is_picture:
        shape |= {"original_w": of.width, "original_h": of.height}
    if of.alt_txt:
        shape["alt_txt"] = of.alt_txt
    return shape


def unfinished(team: Team, of: File) -> JsonObject:
    """A file object right after its upload was completed.

    Slack looks at the content and shares it only then; until it did, type and shares are empty
    (slackapi/bolt-js issue 2115, slackapi/python-slack-sdk issue 1575).
    """
    later: JsonObject = {"mimetype": "", "filetype": "", "pretty_type": "", "is_public": False, "shares": {}}
    later |= {"channels": [], "groups": [], "ims": []}
    return {key: value for key, value in (file(team, of) | later).items() if not key.startswith("original_")}


def _where(of: File, *kinds: ChannelKind) -> list[str]:
    return list(dict.fromkeys(share.channel for share in of.shares if share.kind in kinds))


def _shares(team: Team, of: File) -> JsonObject:
    found: dict[str, dict[str, list[JsonObject]]] = {}
    for share in of.shares:
        kind = "public" if share.kind == "public" else "private"
        found.setdefault(kind, {}).setdefault(share.channel, []).append(_share(team, of, share))
    return dict(found)


def _share(team: Team, of: File, share: Share) -> JsonObject:
    shape: JsonObject = {"ts": share.ts, "team_id": team.id, "share_user_id": of.user, "is_silent_share": False}
    return shape | ({"thread_ts": share.thread_ts} if share.thread_ts else {})
