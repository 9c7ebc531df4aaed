"""No secret of an address is shown, however it is written, and whatever text of somebody else's has it."""

from urllib.parse import quote, unquote

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from seedbed.masking import MASK, cleaned, foreign_cleaned, masked, secrets_of, without_addresses, without_secrets

FORMS = {
    "database": "postgresql://me:{}@db.example:5432/results",
    "driver": "mysql+pymysql://me:{}@db.example/results?charset=utf8mb4",
    "server": "https://me:{}@mlflow.example/path",
    "token": "https://{}@mlflow.example",
    "parameter": "postgresql://me@db.example/results?sslmode=require&password={}",
    "token parameter": "http://mlflow.example:5000/?access_token={}",
    "odbc": "mssql+pyodbc:///?odbc_connect=DRIVER%3DX%3BPWD%3D{}",
    "unknown scheme": "mongo+srv://me:{}@db.example/results",
    "without slashes": "postgresql:me:{}@db.example",
    "without scheme": "me:{}@db.example/results",
    "files": "ftp://me:{}@files.example/results",
}
"""Ways to write an address with a secret."""
HARD = "/?@#:;!$%^&()[]{}|\\'\"<> "
PASSWORD = st.text(st.sampled_from("QWXZqwxz0123456789" + HARD), min_size=6, max_size=20)


def pieces(password):
    """Parts of a password that would tell it."""
    return {password[i : i + 5] for i in range(max(1, len(password) - 4))} | {password}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=40)
@given(password=PASSWORD.map(lambda text: f"Zq{text}"))
@example(password="Zq/w@rd?x=1")
@example(password="Zq@host/db@x")
@example(password="Zq123")
def test_no_password_that_is_encoded_is_shown(form, password):
    address = FORMS[form].format(quote(password, safe=""))
    shown = masked(address)
    assert MASK in shown
    for part in pieces(password):
        assert part not in unquote(shown)
    assert unquote(quote(password, safe="")) in {unquote(secret) for secret in secrets_of(address)} or form == "odbc"


@pytest.mark.parametrize("form", [form for form in FORMS if "parameter" not in form and form != "odbc"])
@settings(max_examples=40)
@given(password=PASSWORD.map(lambda text: f"Zq{text}"))
@example(password="Zq/w@rd?x=1")
@example(password="Zq:5432/a?b@c")
@example(password="Zq?a=b@c&d=e")
def test_no_password_that_is_written_as_it_is_is_shown(form, password):
    address = FORMS[form].format(password)
    for part in pieces(password):
        assume(part not in address.replace(password, ""))
        assert part not in masked(address)
        assert part not in cleaned(f"cannot connect to {address} ({password!r})", [address])


@given(password=PASSWORD.map(lambda text: f"Zq{text}"), form=st.sampled_from(sorted(FORMS)))
def test_a_text_of_somebody_else_is_cleaned_of_every_form_of_a_secret(password, form):
    encoded = quote(password, safe="")
    address = FORMS[form].format(encoded)
    text = f"bad {encoded}, {password}, {password!r}, {quote(password)}: see {address} or http://x:{encoded}@else/y"
    said = cleaned(text, [address])
    assert encoded not in said
    assert password not in said
    assert repr(password)[1:-1] not in said


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://me:secret@db/mlflow", "postgresql://***@db/mlflow"),
        ("postgresql+psycopg://me:a/b@c@db:5432/mlflow?sslmode=require", "postgresql+psycopg://***@db:5432/mlflow?sslmode=require"),
        ("http://host:5000/?token=abc&x=1", "http://host:5000/?token=***&x=1"),
        ("postgresql://me@db/mlflow?application_name=x&password=a@b", "postgresql://***@db/mlflow?application_name=x&password=***"),
        ("http://me:secret/path", "http://me:***/path"),
    ],
)  # fmt: skip
def test_the_rest_of_an_address_is_shown(address, shown):
    assert masked(address) == shown


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:////data/me@home/mlflow.db", "http://127.0.0.1:5000", "https://mlflow.example/path?x=1", "databricks",
        "s3://bucket/path", "r2://bucket@account.r2.cloudflarestorage.com/path", "file:///data/a@b", "/data/a:b@c",
        "sftp://me@host/path", "http://[::1]:5000/x", "postgresql://db/results", "databricks://profile", "",
    ],
)  # fmt: skip
def test_an_address_without_a_secret_is_shown_whole(address):
    assert masked(address) == address
    assert secrets_of(address) == frozenset()


def test_a_short_password_is_masked_as_a_word():
    assert cleaned("a table of data: 'a' is wrong", ["http://me:a@host"]) == "*** table of data: '***' is wrong"


def test_a_password_of_the_environment_is_left_out(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "eyJabc")
    assert cleaned("Bearer eyJabc is not valid") == "Bearer *** is not valid"


def test_a_value_named_as_a_password_is_left_out_of_foreign_texts_alone():
    assert foreign_cleaned("dsn: user=me password='a b' host=x") == "dsn: user=me password=*** host=x"
    assert cleaned("settings are key=value") == "settings are key=value"


def test_addresses_within_settings_are_masked():
    settings = {"protocols": {"own": ["tracking.uri=http://me:secret@host/x", 3]}, "note": "a@b, 1://2"}
    masked_settings = {"protocols": {"own": ["tracking.uri=http://***@host/x", 3]}, "note": "a@b, 1://2"}
    assert without_secrets(settings) == masked_settings
    assert without_addresses("(see https://t0ken@host/x).") == "(see https://***@host/x)."


@pytest.mark.parametrize(
    "text",
    ["https://medium.com/@user/post", "http://host:80/a@b", "see http://[::1]:5000/@x.", "http://h:9: no answer"],
)
def test_a_path_with_an_at_sign_in_a_text_is_left(text):
    assert without_addresses(text) == text
