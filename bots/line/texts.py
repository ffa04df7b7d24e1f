"""Every text that the bot says, as an English message of the catalogue, and the table from error codes to them."""

from __future__ import annotations

from typing import Final

from app.core.catalogue import translate
from app.core.errors import QiaoError
from translation.languages import ENDONYMS, LANGUAGES, LanguageTag


def N_(message: str) -> str:  # noqa: N802 - the usual name of gettext's "translate later"
    """Marks a message for the catalogue."""
    return message


#: The version of the privacy note that is kept with whoever was shown it; goes up when its meaning changes.
CONSENT_VERSION: Final = 1

GREETING: Final = N_(
    "Hello! Ask anything about life in Taiwan, in your own language. People answer, and we translate for both of you."
)
PRIVACY_NOTE: Final = N_(
    "Everyone can read your question, but not your name. Please don't write ID numbers. "
    "If you unsend a message here, we delete it and its translations."
)
CHOOSE_LANGUAGE: Final = N_("Which language do you read?")
LANGUAGE_SET: Final = N_("From now on we write to you in %(language)s. Just type your question.")
ASK_LANGUAGE: Final = N_("We are not sure which language you wrote in. Please choose it.")

ASK_PLACE: Final = N_("You have an open question, No. %(number)s. Is this about the same thing?")
ADD_TO_QUESTION: Final = N_("Add to my question")
NEW_QUESTION: Final = N_("New question")

QUESTION_RECEIVED: Final = N_("Question received, No. %(number)s. The answer will come here, in your language.")
QUESTION_HELD: Final = N_("Question received, No. %(number)s. A moderator reads it before others can see it.")
QUESTION_IS_PUBLIC: Final = N_("Everyone can read it, without your name. To take it back, unsend your message.")
ADDED: Final = N_("Added to question No. %(number)s.")
NO_MACHINE: Final = N_("No machine translates from your language yet, so an interpreter reads it first.")
NOBODY_ON_SHIFT: Final = N_("No interpreter is here at the moment. It may take until tomorrow.")
WAIT_MINUTES: Final = N_("Usual wait: about %(minutes)s minutes.")
WAIT_HOURS: Final = N_("Usual wait: about %(hours)s hours.")

WORDS_NEEDED: Final = N_("We can't read pictures, stickers or sound here. Please write your question as text.")
WRITE_REPLY: Final = N_("Write your reply now. It goes to question No. %(number)s.")
REPORT_RECEIVED: Final = N_("Thank you. An interpreter will check this translation.")
ALREADY_CORRECTED: Final = N_("Thank you. This translation has been replaced in the meantime.")
LEAVING_GROUP: Final = N_(
    "This service works in one-to-one chats only, so we leave this group. Please add us as a friend."
)

GONE: Final = N_("This message is no longer there.")
NOT_ALLOWED: Final = N_("You can't do this here.")
SUSPENDED: Final = N_("This account can't write any more.")
THREAD_CLOSED: Final = N_("This question is closed. Please ask a new one.")
TRY_AGAIN: Final = N_("That did not work. Please send it again in a moment.")

MACHINE_FROM: Final = N_("Machine translation · from %(language)s")
CHECKED_FROM: Final = N_("Checked by an interpreter · from %(language)s")
OUTDATED_FROM: Final = N_("Outdated translation · from %(language)s")
NOT_TRANSLATED: Final = N_("Original · %(language)s")
UNKNOWN_LANGUAGE: Final = N_("language not known")
ANSWER_TO: Final = N_("Answer to question No. %(number)s")
ORIGINAL: Final = N_("Original")
REPLY: Final = N_("Reply")
WRONG_TRANSLATION: Final = N_("Wrong translation")
OPEN_ON_WEB: Final = N_("Open on the web")
READ_ON: Final = N_("The text goes on: open it on the web.")

ANSWER_WAITS: Final = N_(
    "Question No. %(number)s has an answer. It waits for an interpreter; we send it as soon as you can read it."
)
POST_DECIDED: Final = N_("A moderator has looked at your message in No. %(number)s.")
REPORT_DECIDED: Final = N_("Thank you. A moderator has looked at the message that you reported in No. %(number)s.")
#: By the action of a decision.
DECISIONS: Final = {
    "keep": N_("It stays."),
    "hide": N_("It is hidden for now."),
    "remove": N_("It was removed."),
    "warn": N_("It breaks the rules. Please keep to them from now on."),
    "suspend": N_("It was removed, and its author can't write any more."),
}

_ERRORS: Final = {
    "accounts.suspended": SUSPENDED,
    "forum.thread_closed": THREAD_CLOSED,
    "not_found": GONE,
    "forum.post_not_found": GONE,
    "forum.thread_not_found": GONE,
    "translation.not_found": GONE,
    "forbidden": NOT_ALLOWED,
}

#: What people call the languages when they type instead of tapping, case-folded, besides the languages' own names.
_SPOKEN_NAMES: Final = {
    LanguageTag.ZH_HANT: "中文 華語 國語 繁中 正體中文 chinese mandarin",
    LanguageTag.ZH_HANS: "简中 簡體中文",
    LanguageTag.EN: "英文 英語 inggris อังกฤษ",
    LanguageTag.VI: "越南文 越南語 việt vietnamese vietnam tiengviet",
    LanguageTag.ID: "印尼文 印尼語 indonesia indonesian",
    LanguageTag.TH: "泰文 泰語 ภาษาไทย thai",
    LanguageTag.KM: "柬埔寨文 柬埔寨語 高棉文 高棉語 ខ្មែរ khmer cambodian",
}
_LANGUAGES_BY_NAME: Final = {
    name: tag for tag, names in _SPOKEN_NAMES.items() for name in (*names.split(), ENDONYMS[tag].casefold())
}


def find_named_language(text: str) -> LanguageTag | None:
    """The language whose name, and nothing else, the text is."""
    return _LANGUAGES_BY_NAME.get(text.strip().casefold())


def in_every_language(message: str) -> list[str]:
    """A message in the six languages, in the order they are offered; equal texts once."""
    return list(dict.fromkeys(translate(tag, message) for tag in LANGUAGES))


def explain_error(locale: str, error: QiaoError) -> str:
    """What a person is told of a refusal."""
    codes = (str(error.data.get("reason", "")), error.code)
    message = next((_ERRORS[code] for code in codes if code in _ERRORS), TRY_AGAIN)
    return translate(locale, message)
