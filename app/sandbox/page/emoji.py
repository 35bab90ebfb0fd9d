"""Emoji by the names that Slack gives them; others stay as they are written."""

import re

_NAME = re.compile(r":([a-z0-9_+-]+):")
EMOJI = {
    "+1": "👍", "-1": "👎", "100": "💯", "alarm_clock": "⏰", "arrow_right": "➡️", "arrows_counterclockwise": "🔄",
    "bar_chart": "📊", "bell": "🔔", "bone": "🦴", "bookmark": "🔖", "bulb": "💡", "calendar": "📅", "chart": "💹",
    "clap": "👏", "clipboard": "📋", "coffee": "☕", "construction": "🚧", "cry": "😢", "date": "📅",
    "dart": "🎯", "email": "✉️", "envelope": "✉️", "exclamation": "❗", "eyes": "👀", "fire": "🔥",
    "grey_question": "❔", "grinning": "😀", "handshake": "🤝", "heart": "❤️", "heavy_check_mark": "✔️",
    "heavy_plus_sign": "➕", "hospital": "🏥", "hourglass": "⌛", "hourglass_flowing_sand": "⏳",
    "inbox_tray": "📥", "information_source": "ℹ️", "joy": "😂", "key": "🔑", "large_blue_circle": "🔵",
    "large_green_circle": "🟢", "large_orange_circle": "🟠", "large_yellow_circle": "🟡", "link": "🔗", "lock": "🔒",
    "mag": "🔍", "mailbox": "📫", "megaphone": "📣", "memo": "📝", "moneybag": "💰", "muscle": "💪", "no_bell": "🔕",
    "no_entry": "⛔", "no_entry_sign": "🚫", "ok_hand": "👌", "outbox_tray": "📤", "package": "📦",
    "page_facing_up": "📄",
    "paperclip": "📎", "pencil": "📝", "pencil2": "✏️", "phone": "☎️", "pray": "🙏", "pushpin": "📌", "question": "❓",
    "raised_hand": "✋", "raised_hands": "🙌", "receipt": "🧾", "red_circle": "🔴", "repeat": "🔁", "robot_face": "🤖",
    "rocket": "🚀", "rotating_light": "🚨", "sleeping": "😴", "slightly_smiling_face": "🙂", "smile": "😄", "sos": "🆘",
    "sparkles": "✨", "speech_balloon": "💬", "star": "⭐", "stethoscope": "🩺", "stopwatch": "⏱️", "sunny": "☀️",
    "tada": "🎉", "telephone_receiver": "📞", "thinking_face": "🤔", "thread": "🧵", "thumbsdown": "👎",
    "thumbsup": "👍", "timer_clock": "⏲️", "triangular_flag_on_post": "🚩", "unlock": "🔓",
    "vertical_traffic_light": "🚦",
    "warning": "⚠️", "wave": "👋", "white_check_mark": "✅",
    "white_circle": "⚪", "wrench": "🔧", "x": "❌", "zap": "⚡",
    "zzz": "💤",
}  # fmt: skip


def emoji(body: str) -> str:
    """Known `:names:` as their pictures."""
    return _NAME.sub(lambda found: EMOJI.get(found[1], found[0]), body) if ":" in body else body
