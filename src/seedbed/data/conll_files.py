"""Read sentences from files with one token per line; detect lines that are no tokens."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from seedbed.data.column_layout import Attempt, Layout, split_at_runs_of_tabs, split_attempts, too_few_columns
from seedbed.data.raw_example import RawExample
from seedbed.data.tag_prefixes import PrefixStyle, likely_style
from seedbed.errors import InputError

COMMENTS = "comment_lines"
RANGES, EMPTY_NODES = "multiword_ranges", "empty_nodes"

_DOCUMENT = re.compile(r"# ?(?:begin|end) document\b")
_CONLLU = re.compile(r"\d+(?:[-.]\d+)?(?:\t[^\t]*){9}")
_NO_WORD = re.compile(r"\d+([-.])\d+")


@dataclass
class Block:
    """Lines between blank ones: perhaps comments first, then the rows of a sentence."""

    start: int
    comments: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)


def sentences(lines: Sequence[str], layout: Layout) -> list[RawExample]:
    """Return the sentences of a file; raises InputError.

    Lines before a sentence that begin with ``#`` and are no rows are comments; so are ``#begin document`` and ``#end
    document`` anywhere. In CoNLL-U the ranges of multiword tokens and empty nodes are left out too.
    """
    blocks = list(_blocks(lines))
    if not any(block.rows for block in blocks):
        blocks = [Block(block.start, [], block.comments) for block in blocks]
    tabs = all("\t" in row for block in blocks for row in block.rows)
    conllu = tabs and _is_conllu(blocks)
    problem: InputError | None = None
    for attempt in split_attempts(layout, tabs):
        try:
            examples = _File(layout, attempt, tabs, conllu).read(blocks)
        except InputError as error:
            problem = problem or error
        else:
            _refuse_numbers(examples, layout, conllu)
            return examples
    raise problem or InputError(f"{layout.path}: has no examples")


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    block = Block(1)
    for number, line in enumerate(lines, 1):
        if not line or line[0] in " \t-#":
            if not line.strip(" \t") or line.startswith("-DOCSTART-"):
                if block.rows or block.comments:
                    yield block
                block = Block(number + 1)
                continue
            if line[0] == "#" and (not block.rows or _DOCUMENT.match(line)):
                if block.rows:
                    yield block
                    block = Block(number)
                block.comments.append(line)
                continue
        block.rows.append(line)
    if block.rows or block.comments:
        yield block


def _is_conllu(blocks: Sequence[Block]) -> bool:
    """Whether the columns are those of CoNLL-U: ten with the word's number first, or named so in a comment."""
    if any(line.startswith("# global.columns = ID ") for line in blocks[0].comments):
        return True
    first = next(block.rows[0] for block in blocks if block.rows)
    return bool(_CONLLU.fullmatch(first)) and all(_CONLLU.fullmatch(row) for block in blocks for row in block.rows)


class _File:
    """One attempt at the rows of a file; raises InputError where rows have uneven width."""

    def __init__(self, layout: Layout, attempt: Attempt, tabs: bool, conllu: bool):
        self.layout, self.split, self.even, self.tabs, self.conllu = layout, *attempt, tabs, conllu
        self.width = self.first = 0
        self.known: set[str] = set()
        self.shapes: set[PrefixStyle] = set()
        self.pattern = ""

    def read(self, blocks: Sequence[Block]) -> list[RawExample]:
        """Return the sentences of these blocks."""
        bodies = [self._rows(block.rows, block.start + len(block.comments)) for block in blocks]
        if any(block.comments for block in blocks):
            self.known = {tag for rows in bodies for tag in rows[1]}
            self.shapes = {style for style in map(likely_style, self.known) if style}
            self.pattern = next(block.rows[0] for block in blocks if block.rows)
        examples: list[RawExample] = []
        skipped_lines: list[str] = []
        for block, body in zip(blocks, bodies, strict=True):
            n_comments = next(
                (index for index in range(len(block.comments)) if self._is_row(block, index)), len(block.comments)
            )
            start = block.start + n_comments
            needs_rereading = n_comments < len(block.comments)
            read_rows = self._rows([*block.comments[n_comments:], *block.rows], start) if needs_rereading else body
            tokens, tags, lines, skipped = read_rows
            skipped_lines += [COMMENTS] * n_comments + skipped
            if tokens:
                examples.append(RawExample(tuple(tokens), tuple(tags), start, None, tuple(skipped_lines), lines))
                skipped_lines = []
        if skipped_lines and examples:
            examples[-1] = examples[-1]._replace(left_out=(*examples[-1].left_out, *skipped_lines))
        return examples

    def _rows(self, rows: list[str], start: int) -> tuple[list[str], list[str], tuple[int, ...], list[str]]:
        """Return tokens, tags, the line of each token where some rows are skipped, and the kinds of skipped rows."""
        columns = list(map(self.split, rows))
        if set(map(len, columns)) - {self.width}:
            self._check_widths(columns, start)
        lines: tuple[int, ...] = ()
        skipped = []
        if self.conllu:
            no_words = [_NO_WORD.fullmatch(row[0]) for row in columns]
            if any(no_words):
                skipped = [RANGES if match[1] == "-" else EMPTY_NODES for match in no_words if match]
                lines = tuple(start + index for index, match in enumerate(no_words) if not match)
                columns = [row for row, match in zip(columns, no_words, strict=True) if not match]
        tokens = [row[self.layout.token] for row in columns]
        tags = [row[self.layout.tag] for row in columns]
        if not (all(tokens) and all(tags)):
            index = next(index for index, pair in enumerate(zip(tokens, tags, strict=True)) if not all(pair))
            raise InputError(f"{self.layout.path}:{lines[index] if lines else start + index}: an empty token or tag")
        return tokens, tags, lines, skipped

    def _check_widths(self, columns: Sequence[Sequence[str]], start: int) -> None:
        if not self.width or self.even == "sentence":
            self.width, self.first = len(columns[0]), start
        for number, row in enumerate(columns, start):
            if not self.layout.fits(len(row)):
                fitting = next((n for n, own in enumerate(columns, start) if self.layout.fits(len(own))), 0)
                raise too_few_columns(self.layout, number, row, fitting)
            if len(row) != self.width and self.even != "nowhere":
                raise self._uneven(number, len(row))

    def _uneven(self, number: int, have: int) -> InputError:
        token, tag = self.layout.token, self.layout.tag
        return InputError(
            f"{self.layout.path}:{number}: {have} columns, where line {self.first} has {self.width}; is there a blank "
            f"inside one? Put tabs between the columns, or take columns {token} and {tag} of each row as they are: "
            "dataset.reader.uneven=true"
        )

    def _is_row(self, block: Block, index: int) -> bool:
        """Whether a line that begins with ``#`` is a row: by its width and a known tag."""
        line = block.comments[index]
        word = line[1:2] not in ("", " ", "\t")
        if _DOCUMENT.match(line):
            return False
        by_tabs = split_at_runs_of_tabs(line)
        if self.tabs and not word and len(by_tabs) != len(split_at_runs_of_tabs(self.pattern)):
            return False
        columns = self.split(line)
        if not self.layout.fits(len(columns)):
            return False
        width = len(self.split(block.rows[0])) if block.rows and self.even == "sentence" else self.width
        if len(columns) != width and self.even != "nowhere":
            likely = by_tabs if self.tabs and self.layout.fits(len(by_tabs)) else columns if word else None
            if likely and self._is_known_tag(likely[self.layout.tag]):
                raise self._uneven(block.start + index, len(columns))
            return False
        return word or self._is_known_tag(columns[self.layout.tag])

    def _is_known_tag(self, tag: str) -> bool:
        """Whether a tag occurs in other rows, or has the same prefix style as their tags."""
        style = likely_style(tag)
        return tag in self.known or (style is not None and (not self.shapes or style in self.shapes))


def _refuse_numbers(examples: Sequence[RawExample], layout: Layout, conllu: bool) -> None:
    """Raises InputError where the tokens are the numbers of the tokens."""
    counted = any(len(raw.words) > 2 for raw in examples[:10]) and all(
        raw.words == tuple(map(str, range(1, len(raw.words) + 1))) for raw in examples
    )
    if examples and (counted or (conllu and layout.token == 0)):
        raise InputError(
            f"{layout.path}:{examples[0].line}: column {layout.token} has the numbers of the tokens; their words are "
            "in another, such as dataset.reader.token_column=1"
        )
