#!/usr/bin/env bash
# The conllu library keeps of a MISC value only what stands before its second "=", and writes the file back without the rest.
# Version: conllu 6.0.0, beside pyconll 3.3.1 on the same line
# Expected: Gloss=in=DEF.M has the name Gloss and the value in=DEF.M (glosses mark clitics by "="; CoNLL-U forbids only "|",
#   tabs and line ends there); parse and serialize give the line back, as pyconll does
# Seen: the value is "in", without an error, and serialize writes Gloss=in
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check conllu==6.0.0 pyconll==3.3.1
cd "$work"
"$work/env/bin/python" - <<'PYTHON'
import conllu
import pyconll

misc = "Gloss=in=DEF.M|SpaceAfter=No"
line = "\t".join(["1", "nel", "in", "ADP", "_", "_", "0", "root", "_", misc])
text = f"# sent_id = 1\n{line}\n\n"
assert pyconll.load_from_string(text)[0][0].misc["Gloss"] == {"in=DEF.M"}
assert line in pyconll.load_from_string(text).conll()
sentence = conllu.parse(text)[0]
value, written = sentence[0]["misc"]["Gloss"], sentence.serialize()
if value != "in" or written != text.replace("in=DEF.M", "in"):
    raise SystemExit(f"the value is {value!r} now, the file {written!r}")
print(f"as seen: {misc} comes back as {written.split()[-1]}")
PYTHON
