"""Stable codes → texts for people. The catalogue has the texts; this is the only table of which code says what.

Every table is keyed by the code that the services and the public contract use. A code without a text gets a general
one, so that a new code is never shown raw.
"""

from __future__ import annotations

from typing import Final

from app.web.i18n import N_, country_name, gettext

LIVING_TITLES: Final = {
    "residence": N_("Residence permit and nationality"),
    "health": N_("Health insurance and medical care"),
    "work": N_("Work and labour rights"),
    "school": N_("Children and school"),
    "family-law": N_("Family and law"),
    "driving": N_("Driving and transport"),
    "daily-life": N_("Daily life and housing"),
    "money": N_("Money and sending it home"),
    "learning-chinese": N_("Learning Chinese, recognising diplomas"),
    "dont-know": N_("I don't know which topic"),
}

FACET_TITLES: Final = {
    "travel": N_("Travel"),
    "study": N_("Study"),
    "invest": N_("Investing and setting up a company"),
    "trade": N_("Trade and customs"),
    "hiring": N_("Hiring and labour"),
    "culture": N_("Culture and etiquette"),
    "regulation": N_("Laws and regulations"),
}

THREAD_KINDS: Final = {
    "question": N_("Question"),
    "discussion": N_("Discussion"),
    "consultation": N_("Private consultation"),
}

THREAD_KIND_HINTS: Final = {
    "question": N_("Everyone can read it and answer. Don't write your real name or ID number."),
    "discussion": N_("Talk with others: friends, experiences, opinions. Everyone can read it."),
    "consultation": N_("Only interpreters and you can read it."),
}

THREAD_STATUSES: Final = {"open": N_("Open"), "solved": N_("Solved"), "closed": N_("Closed")}

ACCOUNT_KINDS: Final = {
    # Translators: kinds of people who write here; shown beside a name.
    "resident": N_("Came to Taiwan from another country"),
    "citizen": N_("From Taiwan"),
    "company": N_("Company"),
    "guest": N_("Guest"),
}

ROLES: Final = {"interpreter": N_("Interpreter"), "moderator": N_("Moderator"), "admin": N_("Operator")}

ROUTE_REASONS: Final = {
    "automatic": N_("The best that is there"),
    "rule": N_("Decided here"),
    "people": N_("Decided here: interpreters only"),
    "fallback": N_("What was decided is not there: the best of the rest"),
    "no_engine": N_("No engine does this"),
}

TERM_STATUSES: Final = {
    # Translators: how a term of the glossary may be used.
    "preferred": N_("Say it like this"),
    "admitted": N_("Also possible"),
    "forbidden": N_("Do not say it like this"),
}

SOLVED: Final = {"yes": N_("Yes"), "partly": N_("Partly"), "no": N_("No")}

SOLVED_REASONS: Final = {
    "translation_unclear": N_("The translation is unclear"),
    "answer_wrong": N_("The answer is wrong"),
    "too_late": N_("It came too late"),
    "need_phone_call": N_("I need someone to phone me"),
}

TRANSLATION_REPORT_REASONS: Final = {
    "meaning": N_("Wrong meaning"),
    "unclear": N_("Hard to understand"),
    "facts": N_("A name, number or date is wrong"),
}

REPORT_REASONS: Final = {
    "scam": N_("Scam or broker's fee"),
    "threat": N_("Threat or coercion"),
    "hate": N_("Hate"),
    "personal_data": N_("Somebody's personal data"),
    "dangerous_advice": N_("Dangerous advice"),
    "spam": N_("Advertising"),
    "other": N_("Something else"),
}

WAIT_REASONS: Final = {
    "no_engine": N_("No machine translates between these languages yet."),
    "held": N_("The machine translation did not pass our checks, so it is not shown."),
    "engine_failed": N_("The machine translation failed."),
    "unknown_language": N_("We are not sure which language this is."),
}

#: Why a task is there, where its kind alone does not say.
TASK_REASONS: Final = {
    "bridge_changed": N_("The English in between was corrected since. Please look whether this still fits."),
    "language_reported": N_("A reader says that this is another language."),
}

TASK_KINDS: Final = {
    "translate": N_("Translate"),
    "check": N_("Check"),
    "reported": N_("Reported by a reader"),
    "outdated": N_("Outdated: the original was changed"),
    "confirm_language": N_("Which language is this?"),
    "moderate": N_("Moderate"),
}

SKIP_REASONS: Final = {
    "know_person": N_("I know this person"),
    "too_hard": N_("I am not sure of the subject"),
    "unclear_source": N_("The original is unclear"),
    "no_time": N_("No time now"),
}

MODERATION_ACTIONS: Final = {
    "keep": N_("Keep"),
    "hide": N_("Hide"),
    "remove": N_("Remove"),
    "warn": N_("Warn the author"),
    "suspend": N_("Hide and suspend the author"),
}

HOLD_REASONS: Final = {
    "link": N_("It has a link that we look at first."),
    "broker": N_("It looks like an offer of a broker."),
    "loan": N_("It looks like an offer of a loan."),
    "easy_money": N_("It promises easy money."),
    "threat": N_("It sounds like a threat."),
}

NOTICE_TEXTS: Final = {
    "answer": N_("There is a new answer in a conversation you follow."),
    "waiting_notice": N_("There is an answer for you. A person translates it first; we tell you when you can read it."),
    "decision": N_("A moderator has decided about a message of yours."),
    "report_outcome": N_("A moderator has decided about your report. Thank you."),
}

DECISION_TEXTS: Final = {
    "keep": N_("It stays."),
    "hide": N_("It was hidden."),
    "remove": N_("It was removed."),
    "warn": N_("The author was warned."),
    "suspend": N_("It was hidden, and its author can't write any more."),
}

ERROR_TEXTS: Final = {
    "text.empty": N_("Please write something here."),
    "text.too_long": N_("This is too long. Please shorten it."),
    "text.too_short": N_("This is too short."),
    "text.surrogate": N_("There are broken characters in this text. Please type it again."),
    "text.control": N_("There are characters in this text that can't be stored. Please type it again."),
    "list.invalid": N_("Please choose from the list."),
    "country.unknown": N_("Please choose one of the countries."),
    "accounts.not_found": N_("This person is not here any more."),
    "accounts.token_invalid": N_("You were signed out. Please sign in again."),
    "input.unknown_cursor": N_("This page of the list is not there any more. Please start again."),
    "language.unknown": N_("Please choose one of the languages."),
    "text.line_break": N_("Please write this in one line."),
    "list.empty": N_("Please choose one or more."),
    "forum.category_unknown": N_("Please choose a topic."),
    "accounts.name_taken": N_("This name is taken. Please choose another one."),
    "accounts.wrong_password": N_("The name or the password is wrong."),
    "accounts.suspended": N_("Your account is suspended, so you can't write for now."),
    "password.too_short": N_("The password is too short: 8 characters or more, please."),
    "password.too_long": N_("The password is too long."),
    "forum.category_not_found": N_("This topic does not exist."),
    "forum.thread_not_found": N_("This conversation does not exist, or it is not for you."),
    "forum.post_not_found": N_("This message does not exist, or it was taken back."),
    "forum.reply_to_unknown": N_("The message you answer is not there any more."),
    "forum.private": N_("This conversation is private."),
    "forum.guest_cannot_reply": N_("Guests can ask and follow. To answer others, please register."),
    "forum.guest_asks_only": N_("Guests can ask questions. To start a discussion, please register."),
    "forum.thread_closed": N_("This conversation is closed."),
    "forum.not_author": N_("You can only change your own messages."),
    "forum.not_asker": N_("Only the person who asked can say whether it is solved."),
    "interpreting.not_interpreter": N_("This is for interpreters."),
    "interpreting.other_pair": N_("This is not one of your language pairs."),
    "interpreting.task_not_found": N_("This task does not exist, or it is not for you."),
    "interpreting.task_closed": N_("This was done or changed in the meantime. Your text is kept below."),
    "interpreting.no_task_left": N_("Nothing is waiting in your languages. Thank you!"),
    "interpreting.language_expected": N_("Please choose the language of this message."),
    "interpreting.same_language": N_("A pair needs two different languages."),
    "interpreting.lease_held": N_("Somebody else is working on this one."),
    "interpreting.lease_lost": N_("Your time for this task ran out and it was given back. Your text is kept below."),
    "translation.candidate_changed": N_("The translation was changed while you were writing. Please compare."),
    "translation.checks_failed": N_("Please look at the points below."),
    "accounts.not_admin": N_("This is for operators."),
    "routing.rule_invalid": N_("This way can't be taken."),
    "glossary.invalid": N_("Please check what you wrote."),
    "glossary.file_invalid": N_("This file can't be read."),
    "glossary.key": N_("Use small letters, digits and hyphens."),
    "glossary.key_taken": N_("Another entry already has this name."),
    "glossary.category": N_("Please choose a topic."),
    "glossary.url": N_("Please give a web address that begins with https."),
    "glossary.no_term": N_("Please give the term in at least one language."),
    "glossary.too_many_terms": N_("This entry has too many terms already."),
    "glossary.language": N_("Please choose one of the languages."),
    "glossary.term_short": N_("A term needs at least two characters."),
    "glossary.term_mark": N_("A term cannot hold a bar or a line break, or begin with an exclamation mark."),
    "glossary.term_twice": N_("The same term cannot be allowed and forbidden."),
    "glossary.preferred_twice": N_("There can be only one preferred term in a language."),
    "glossary.term_forbidden": N_("This term is there already, as one not to be used."),
    "glossary.term_not_found": N_("This term is not there any more."),
    "glossary.concept_not_found": N_("This entry is not there any more."),
    "glossary.concept_changed": N_("Somebody changed this entry in the meantime. Please look at it again."),
    "glossary.last_term": N_("This is the only term of its entry. A moderator can remove the whole entry."),
    "glossary.other_language": N_("This is not in one of your languages."),
    "glossary.not_keeper": N_("This is for interpreters and moderators."),
    "preview.too_many": N_("Earlier previews are still being made. Please wait for them."),
    "preview.nothing_to_do": N_("There is nothing to preview: please say which language you write in."),
    "preview.not_found": N_("This preview is not kept any more."),
    "translation.text_not_found": N_("This message does not exist, or it was taken back."),
    "translation.not_found": N_("There is no translation of this message now."),
    "moderation.own_post": N_("This is your own message."),
    "moderation.item_not_found": N_("This does not exist, or it is not for you."),
    "moderation.already_decided": N_("Somebody has decided about this already."),
    "moderation.not_moderator": N_("This is for moderators."),
    "moderation.moderators_only": N_("This is for moderators."),
    "moderation.admins_only": N_("Only the operator of this site may do this."),
    "moderation.other_language": N_("This is not in one of your languages."),
    "csrf": N_("This page was open for too long, so for your safety we did not send it. Please send it again."),
    "not_found": N_("This page does not exist, or it is not for you."),
    "forbidden": N_("You may not do this."),
    "not_authenticated": N_("Please sign in first."),
    "method_not_allowed": N_("This page can't be opened this way."),
    "request.too_large": N_("This is too large to be sent."),
    "internal": N_("Something went wrong on our side. We have been told."),
    "conflict": N_("Somebody was faster. Please look again."),
    "too_many_requests": N_("Too many at once. Please wait a little and try again."),
    "unavailable": N_("We can't store anything right now. Please try again in a few minutes."),
    "input.invalid": N_("Please check what you wrote."),
}

ERROR_FALLBACK: Final = N_("Something is wrong with this. Please check it.")


def text_of(table: dict[str, str], code: str) -> str:
    """The text of a code in the language of the page; the code in plain words where the table has none."""
    message = table.get(code)
    return gettext(message) if message is not None else code.replace("_", " ").replace(".", " ")


def error_text(*codes: str) -> str:
    """The text of the first of these codes that has one, most telling first; never a raw code."""
    return gettext(next((ERROR_TEXTS[code] for code in codes if code in ERROR_TEXTS), ERROR_FALLBACK))


def split_country_slug(slug: str) -> tuple[str, str] | None:
    """Country and facet of a country's category (``vn-invest`` is ``VN``, ``invest``); None for a topic of living."""
    country, _, facet = slug.partition("-")
    return (country.upper(), facet) if len(country) == 2 and facet in FACET_TITLES else None


def category_title(slug: str) -> str:
    """The title of a topic, or of a facet with its country."""
    parts = split_country_slug(slug)
    if parts is None:
        return text_of(LIVING_TITLES, slug)
    country, facet = parts
    # Translators: a country and what about it, as in "Viet Nam: Travel".
    return gettext("%(country)s: %(facet)s", country=country_name(country), facet=text_of(FACET_TITLES, facet))
