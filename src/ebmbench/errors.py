"""The one error that reaches a user as one line."""


class UserError(Exception):
    """Bad input: the message is one line that names the key, file or value and what is allowed.

    ``code``: with what the command ends.
    """

    code = 1
