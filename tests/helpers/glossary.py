"""Words of a private dialect that pages and docstrings must not have, each with its plain word."""

import re

#: words of a private dialect and what stands for them in plain English; code and quoted tables are exempt
GLOSSARY = {
    r"\btold\b|\btells\b": "reported, distinguishes",
    r"\blaws?\b": "distribution",
    r"\bshares? of\b|\b(?:a|the|an|its|their|effective|small|what) shares?\b": "fraction",
    r"\bdear(?:er|est)?\b": "expensive",
    r"\barms?\b": "moment-matching method",
    r"\bmovers?\b": "optimizer",
    r"\bwalkers?\b": "persistent chains",
    r"\bleaders?\b": "best methods",
    r"\bways? to log Z\b": "log Z estimator",
    r"\bdraws of\b": "samples from",
    r"\b(?:laid|lays?|laying|stands?|standing)(?: \w+)? beside\b": "compares with, listed next to",
    r"\btuned alike\b": "tuned with the same budget",
    r"\b(?:stands?|standing|stood) still\b": "frozen",
    r"\btrained along\b": "trained jointly",
    r"\b(?:seeds|rows|draws|samples|cells|images|points|steps|evaluations) an? "
    r"(?:cell|seed|run|row|side|line|panel|method|chain|trial|draw)\b": "seeds per cell",
    r"\bdeparts? from\b": "overrides",
    r"\bworth none\b": "zero effective sample size",
}


def prose(text):
    """``text`` without code blocks, code spans, link targets and quoted tables."""
    text = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^\*\*[\w/]+\*\*:(.*)\n\n(?:\|.*\n)+", r"\1\n", text, flags=re.MULTILINE)
    text = re.sub(r"(?<=\n\n)(?:(?: {4,}.*)?\n)+", "\n", text)
    text = re.sub(r"`[^`\n]+`", "", text)
    return re.sub(r"\]\([^()]*\)", "]", text)


def dialect(text):
    """(word, its replacement) for each word of the dialect in ``text``."""
    found = [(re.findall(pattern, prose(text), flags=re.IGNORECASE), plain) for pattern, plain in GLOSSARY.items()]
    return [(word, plain) for words, plain in found for word in words]
