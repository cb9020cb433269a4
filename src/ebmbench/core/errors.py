"""The one error that reaches a user as one line."""


class UserError(Exception):
    """Bad input: the message is one line that names the key, file or value and what is allowed.

    What a name or a value brings along that is no letter, such as the end of a line, is written as Python writes it.
    ``code``: with what the command ends.
    """

    code = 1

    def __str__(self) -> str:
        return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in super().__str__())
