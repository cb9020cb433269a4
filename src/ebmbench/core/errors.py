"""The error that the command line reports to the user as a single line."""


class UserError(Exception):
    """Invalid input: the message is one line that names the key, file or value and what is allowed.

    Unprintable characters in a name or a value, such as line ends, are escaped as in Python source.
    ``code``: the exit code of the command.
    """

    code = 1

    def __str__(self) -> str:
        return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in super().__str__())
