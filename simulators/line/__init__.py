"""A stateful simulator of the LINE Messaging API: its endpoints, its webhooks and a page to play a LINE user."""
