"""What happened, counted twice: from the database, and from the sandbox's ledger alone."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text

from app.notices import posts

CLAIMED = re.compile(r"^Claimed [A-Z0-9]+-\d+")
LOST = re.compile(r"^.+ already has [A-Z0-9]+-\d+\.")
ACCEPTED = re.compile(r"^[A-Z0-9]+-\d+ is yours now, from ")
DECLINED = re.compile(r"^Declined [A-Z0-9]+-\d+\.")
EDITS = ("card", *posts.EDITS, "track")
"""What changes a message that is there, and what stands in the card's thread and calls nobody: these are no posts."""
UNMARKED = ("card", "report")
"""A card is edited in place; a report's message is Slack's own, made when its files are shared, and bears no mark."""

_TABLES = {
    "cases": "SELECT count(*) FROM cases",
    "components": "SELECT count(*) FROM components WHERE withdrawn_at IS NULL",
    "tracks": "SELECT count(*) FROM tracks WHERE state <> 'withdrawn'",
    "tasks": "SELECT count(*) FROM tasks",
    "claims": "SELECT count(*) FROM audit_entries WHERE action = 'task.claim' AND result = 'done'",
    "lost_races": "SELECT count(*) FROM audit_entries WHERE result = 'refused' AND reason = 'TaskTaken'",
    "reminders": "SELECT count(*) FROM timers WHERE kind = 'remind' AND notice_id IS NOT NULL AND state = 'fired'",
    "breaches": "SELECT count(*) FROM timers WHERE kind = 'breach' AND notice_id IS NOT NULL AND state = 'fired'",
    "escalations": "SELECT count(*) FROM timers WHERE kind = 'escalate' AND notice_id IS NOT NULL AND state = 'fired'",
    "caught_up": "SELECT count(*) FROM timers t JOIN notices n ON n.id = t.notice_id WHERE n.kind = 'catch_up'",
    "held_back": "SELECT count(*) FROM timers t JOIN notices n ON n.id = t.notice_id WHERE n.kind = 'held_back'",
    "handoffs_accepted": "SELECT count(*) FROM handoffs WHERE state = 'accepted'",
    "handoffs_declined": "SELECT count(*) FROM handoffs WHERE state = 'declined'",
    "replans": "SELECT count(*) FROM notices WHERE kind = 'replan'",
    "posts": f"SELECT count(*) FROM notices WHERE kind NOT IN {(*EDITS, 'report')}",  # noqa: S608 - constants only
}
_NOTICES = text(
    "SELECT n.id::text, n.kind, n.channel_id, h.slack_id FROM notices n JOIN channels h ON h.id = n.channel_id"
)
# A channel that was replaced was told of in the new one, under a key that names the old one (app.notices.rooms).
_FORMER = text(
    "SELECT channel_id, split_part(dedupe_key, ':', 3) AS slack_id FROM notices WHERE dedupe_key LIKE 'replaced:%'"
)


@dataclass(frozen=True)
class Counts:
    """The figures of one source."""

    cases: int
    components: int
    tracks: int
    tasks: int
    claims: int
    lost_races: int
    reminders: int
    breaches: int
    escalations: int
    caught_up: int
    held_back: int
    handoffs_accepted: int
    handoffs_declined: int
    replans: int
    posts: int


def of_database(engine: Engine) -> Counts:
    """What the tables say."""
    with engine.connect() as connection:
        return Counts(**{name: connection.execute(text(query)).scalar_one() for name, query in _TABLES.items()})


@dataclass(frozen=True)
class Ledger:
    """What the sandbox applied: figures, how often each notice was posted, and posts a channel and day.

    `places` are notices with the channels in which they were posted or shown by an edit; `unmarked` says how many
    posts and edits of the app name no notice at all.
    """

    counts: Counts
    posted: Counter[str]
    edited: set[str]
    places: set[tuple[str, str]]
    unmarked: int
    busiest: dict[tuple[str, str], int]

    def per_case_and_day(self, share: float = 0.95) -> int:
        """The number of posts that `share` of all channel-days with any post stay within."""
        days = sorted(self.busiest.values())
        return days[ceil(share * len(days)) - 1] if days else 0


def of_ledger(lines: Iterable[dict[str, Any]], zone: str) -> Ledger:
    """What the ledger says.

    Everything that the app has posted or edited carries a notice's id, in direct messages too. Answers to commands
    are shown to one person and are no posts, and what Slack writes by itself (who joined) is not the app's.
    """
    posted: Counter[str] = Counter()
    edited: set[str] = set()
    places: set[tuple[str, str]] = set()
    unmarked = 0
    apps: set[str] = set()
    kinds: Counter[str] = Counter()
    timers: Counter[str] = Counter()
    replies: Counter[str] = Counter()
    cards: dict[str, dict[str, Any]] = {}
    busiest: dict[tuple[str, str], int] = defaultdict(int)
    local = ZoneInfo(zone)
    for line in lines:
        if line["kind"] == "change" and line["type"] in ("message.posted", "message.changed"):
            data = line["data"]
            payload = ((data.get("metadata") or {}).get("event_payload")) or {}
            if data.get("by_bot"):
                apps.add(data["user"])
            if "id" not in payload:
                edits = line["type"] == "message.changed" and line["actor"] in apps
                # Files are shared by themselves, and Slack makes their message: it cannot bear our mark.
                unmarked += edits or (bool(data.get("by_bot")) and not data.get("files"))
                continue
            places.add((payload["id"], data["channel"]))
            kind = payload["kind"]
            if kind == "card":
                cards[data["channel"]] = payload
            if line["type"] != "message.posted":
                edited.add(payload["id"])
                continue
            posted[payload["id"]] += 1
            if kind in EDITS:
                continue
            kinds[kind] += 1
            timers[kind] += int(payload.get("n", 0))
            day = datetime.fromisoformat(line.get("sim", line["at"])).astimezone(local).date().isoformat()
            busiest[data["channel"], day] += 1
        elif line["kind"] == "change" and line["type"] == "ephemeral.shown":
            for word in _words(line["data"].get("text") or ""):
                replies[word] += 1
    return Ledger(
        Counts(
            cases=len(cards),
            components=sum(int(card["components"]) for card in cards.values()),
            tracks=sum(int(card["tracks"]) for card in cards.values()),
            tasks=sum(int(card["tasks"]) for card in cards.values()),
            claims=replies["claimed"],
            lost_races=replies["lost"],
            reminders=timers["reminder"],
            breaches=timers["breach"],
            escalations=timers["escalation"],
            caught_up=timers["catch_up"],
            held_back=timers["held_back"],
            handoffs_accepted=replies["accepted"],
            handoffs_declined=replies["declined"],
            replans=kinds["replan"],
            posts=sum(kinds.values()),
        ),
        posted,
        edited,
        places,
        unmarked,
        dict(busiest),
    )


def _words(said: str) -> list[str]:
    shapes = {"claimed": CLAIMED, "lost": LOST, "accepted": ACCEPTED, "declined": DECLINED}
    return [word for word, shape in shapes.items() if shape.match(said)]


@dataclass(frozen=True)
class Truth:
    """Whether posts are exactly the notices.

    `lost` are missing in Slack, `doubled` twice there, `invented` are the app's and no notice, and `misplaced` are in
    a channel that is not theirs: neither that of their case or person, nor one that it was replaced for.
    """

    lost: int
    doubled: int
    invented: int
    misplaced: int


def compare(engine: Engine, ledger: Ledger) -> Truth:
    """Notices of the database against posts of the ledger, one by one. Card edits coalesce and are not counted."""
    with engine.connect() as connection:
        notices = {row.id: row for row in connection.execute(_NOTICES)}
        homes = {(row.channel_id, row.slack_id) for row in connection.execute(_FORMER)}
    homes |= {(row.channel_id, row.slack_id) for row in notices.values()}
    told = set(ledger.posted) | ledger.edited
    lost = [notice for notice in notices.values() if notice.kind not in UNMARKED and notice.id not in told]
    doubled = [notice for notice, times in ledger.posted.items() if times > 1]
    invented = [notice for notice in told if notice not in notices]
    astray = {id_ for id_, place in ledger.places if id_ in notices and (notices[id_].channel_id, place) not in homes}
    return Truth(len(lost), len(doubled), len(invented) + ledger.unmarked, len(astray))


def differences(database: Counts, ledger: Counts) -> dict[str, tuple[int, int]]:
    """Figures on which the sources do not agree, as (database, ledger)."""
    first, second = asdict(database), asdict(ledger)
    return {name: (first[name], second[name]) for name in first if first[name] != second[name]}
