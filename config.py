"""Every setting of Kabarchy, read once from the environment or `.env` and checked at start."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent
SMS_PROVIDERS = ("sandbox", "twilio")
MIN_SECRET_KEY = 16


class SettingsError(Exception):
    """What is wrong with the settings: `faults` holds one sentence for each fault, all of them at once."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The settings after checking; `.env.example` says what each is for."""

    instance: Path
    port: int
    secret_key: str
    database_url: str
    redis_url: str
    public_base_url: str
    sms_provider: str
    sms_per_second: float
    twilio_account_sid: str
    twilio_auth_token: str
    twilio_from: str
    twilio_messaging_service_sid: str
    twilio_api_base: str
    mail_server: str
    mail_port: int
    mail_use_tls: bool
    mail_use_ssl: bool
    mail_username: str
    mail_password: str
    mail_default_sender: str
    trusted_proxies: int

    @property
    def sandbox(self) -> bool:
        """Whether nothing can leave for real phones."""
        return self.sms_provider == "sandbox"

    @property
    def answers_come(self) -> bool:
        """Whether a parent's SMS can come back: a sender that is a name is a one-way street."""
        # A service of Twilio's has numbers of its own; the practice phones answer, too.
        return self.sandbox or bool(self.twilio_messaging_service_sid) or self.twilio_from.startswith("+")

    @property
    def mail_leaves(self) -> bool:
        """Whether e-mail goes to MAIL_SERVER: in practice only to one on this machine, a mail catcher."""
        on_this_machine = self.mail_server in {"localhost", "::1"} or self.mail_server.startswith("127.")
        return bool(self.mail_server) and (not self.sandbox or on_this_machine)

    @property
    def https(self) -> bool:
        return self.public_base_url.startswith("https://")

    @property
    def host(self) -> str:
        return urlsplit(self.public_base_url).hostname or ""


class _Reader:
    """Reads one mapping of strings, remembering every fault instead of stopping at the first."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def number(self, name: str, default: float, low: float, high: float) -> float:
        raw = self.text(name, str(default))
        try:
            value = float(raw)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            self.faults.append(f"{name} must be a number from {low:g} to {high:g}, not {raw!r}.")
            return default
        return value

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        value = self.number(name, default, low, high)
        if value != int(value):
            self.faults.append(f"{name} must be a whole number, not {self.text(name)!r}.")
        return int(value)

    def flag(self, name: str, default: bool) -> bool:
        raw = self.text(name, "true" if default else "false").lower()
        if raw not in {"true", "false", "1", "0", "yes", "no", "on", "off"}:
            self.faults.append(f"{name} must be true or false, not {raw!r}.")
        return raw in {"true", "1", "yes", "on"}

    def url(self, name: str, default: str = "") -> str:
        value = self.text(name, default).rstrip("/")
        if value and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
            self.faults.append(f"{name} must be an address like https://kabarchy.example.kg, not {value!r}.")
        return value


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (default: the process's environment over `.env`).

    Without a SECRET_KEY one is made at the first start and kept in the instance's folder. Raises
    SettingsError naming every fault at once.
    """
    if environ is None:
        environ = {k: v for k, v in dotenv_values(ROOT / ".env").items() if v is not None} | dict(os.environ)
    read = _Reader(environ)
    instance = Path(read.text("INSTANCE_DIR", str(ROOT / "instance"))).resolve()
    port = read.integer("PORT", 8000, 1, 65535)
    mail_use_ssl = read.flag("MAIL_USE_SSL", False)
    settings = Settings(
        instance=instance,
        port=port,
        secret_key=read.text("SECRET_KEY"),
        database_url=_database_url(read.text("DATABASE_URL"), instance),
        redis_url=read.text("REDIS_URL"),
        public_base_url=read.url("PUBLIC_BASE_URL", f"http://127.0.0.1:{port}"),
        sms_provider=read.text("SMS_PROVIDER", "sandbox").lower(),
        sms_per_second=read.number("SMS_PER_SECOND", 10, 0.01, 100_000),
        twilio_account_sid=read.text("TWILIO_ACCOUNT_SID"),
        twilio_auth_token=read.text("TWILIO_AUTH_TOKEN"),
        twilio_from=read.text("TWILIO_FROM"),
        twilio_messaging_service_sid=read.text("TWILIO_MESSAGING_SERVICE_SID"),
        twilio_api_base=read.url("TWILIO_API_BASE"),
        mail_server=read.text("MAIL_SERVER"),
        mail_port=read.integer("MAIL_PORT", 465 if mail_use_ssl else 587, 1, 65535),
        mail_use_tls=read.flag("MAIL_USE_TLS", not mail_use_ssl),
        mail_use_ssl=mail_use_ssl,
        mail_username=read.text("MAIL_USERNAME"),
        mail_password=read.text("MAIL_PASSWORD"),
        mail_default_sender=read.text("MAIL_DEFAULT_SENDER", "kabarchy@localhost"),
        trusted_proxies=read.integer("TRUSTED_PROXIES", 0, 0, 5),
    )
    faults = read.faults + _faults(settings)
    if faults:
        raise SettingsError(faults)
    if not settings.secret_key:
        return replace(settings, secret_key=_kept_secret_key(instance))
    return settings


def _faults(s: Settings) -> list[str]:
    """What is missing or doesn't fit together, a sentence each."""
    faults = _folder_faults(s)
    # Both addresses may hold a password: what is wrong with them is said without repeating them.
    if not re.match(r"(postgresql\+psycopg|sqlite)://", s.database_url):
        faults.append("DATABASE_URL must begin with postgresql:// or be empty.")
    if s.redis_url and not re.match(r"(rediss?|unix)://", s.redis_url):
        faults.append("REDIS_URL must begin with redis://, rediss:// or unix://, or be empty.")
    if s.secret_key and len(s.secret_key) < MIN_SECRET_KEY:
        faults.append(f"SECRET_KEY must have at least {MIN_SECRET_KEY} characters.")
    return faults + _sms_faults(s) + _mail_faults(s)


def _folder_faults(s: Settings) -> list[str]:
    """What hinders Kabarchy from keeping its files: each place once, in a sentence that says what to do."""
    if not _is_there(s.instance):
        there = next(folder for folder in s.instance.parents if _is_there(folder))
        if not there.is_dir():
            return [f"INSTANCE_DIR must be a folder, and {str(there)!r} is a file."]
        return [] if _may(there, os.W_OK | os.X_OK) else [_give(s.instance, "make the folder")]
    if not s.instance.is_dir():
        return [f"INSTANCE_DIR must be a folder, and {str(s.instance)!r} is a file."]
    folders, files, faults = set(), set(), []
    key, valkey, database = s.instance / "secret_key", s.instance / "valkey", _sqlite_file(s)
    if not (s.secret_key or _is_there(key)):
        folders.add(s.instance)
    if not s.redis_url:
        folders |= {folder for folder in (s.instance, valkey, valkey / "data") if _is_there(folder)}
        files.add(valkey / "valkey.lock")
    if database:
        folders.add(database.parent)
        # Root that ran a command once has left them.
        files |= {database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))}
        if _may(database, os.R_OK) and not _is_sqlite(database):
            faults.append(
                f"{database} is no SQLite database. Put a backup in its place, or move it away and run "
                "flask --app webapp setup for an empty one."
            )
    foreign = {folder for folder in folders if not _may(folder, os.R_OK | os.W_OK | os.X_OK)}
    faults += [_give(folder, "write in") for folder in sorted(foreign) if folder.parent not in foreign]
    # What is in a folder of somebody else's is said with the folder.
    files = {file for file in files if _is_there(file) and file.parent not in foreign}
    faults += [_give(file, "write") for file in sorted(files) if not _may(file, os.R_OK | os.W_OK)]
    if not s.secret_key and s.instance not in foreign and _is_there(key) and not _may(key, os.R_OK):
        faults.append(_give(key, "read"))
    return faults


def _may(path: Path, how: int) -> bool:
    """Whether this process may do that there; the system knows of owners, modes and read-only disks."""
    return os.access(path, how)


def _is_there(path: Path) -> bool:
    # Unlike Path.exists it says no, and raises nothing, where a folder above may not be looked into.
    return _may(path, os.F_OK)


def _give(path: Path, what: str) -> str:
    return (
        f"Kabarchy cannot {what} {path}: run it as the user that owns it, or give it to the user Kabarchy "
        "runs as (chown)."
    )


def _sqlite_file(s: Settings) -> Path | None:
    """The database's file; None for PostgreSQL and for a database in memory."""
    name = s.database_url.partition("?")[0].removeprefix("sqlite:///")
    if "://" in name or name.startswith((":memory:", "file:")) or not name:
        return None
    return s.instance / name


def _is_sqlite(file: Path) -> bool:
    """Whether it begins as SQLite's files do; an empty one is a database that has nothing in it yet."""
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(16) in {b"SQLite format 3\0", b""}


def _sms_faults(s: Settings) -> list[str]:
    if s.sms_provider not in SMS_PROVIDERS:
        return [f"SMS_PROVIDER must be one of {', '.join(SMS_PROVIDERS)}, not {s.sms_provider!r}."]
    faults = []
    if s.sms_provider == "twilio":
        if not s.secret_key:
            faults.append("SECRET_KEY must be set before real messages are sent.")
        if not re.fullmatch(r"AC\w+", s.twilio_account_sid):
            faults.append("TWILIO_ACCOUNT_SID must begin with AC, as Twilio's console shows it.")
        # An empty token makes Twilio's own validator accept forged receipts.
        if not s.twilio_auth_token:
            faults.append("TWILIO_AUTH_TOKEN must be set: without it receipts could be forged.")
        if not (s.twilio_from or s.twilio_messaging_service_sid):
            faults.append("TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID must be set.")
    return faults


def _mail_faults(s: Settings) -> list[str]:
    faults = []
    if s.mail_use_tls and s.mail_use_ssl:
        faults.append("MAIL_USE_TLS and MAIL_USE_SSL exclude each other: set one of them to false.")
    if s.mail_username and not s.mail_password:
        faults.append("MAIL_PASSWORD must be set when MAIL_USERNAME is.")
    if re.search(r"[\r\n]", s.mail_default_sender) or "@" not in s.mail_default_sender:
        faults.append("MAIL_DEFAULT_SENDER must be an e-mail address.")
    return faults


def _database_url(raw: str, instance: Path) -> str:
    """The SQLAlchemy address: SQLite in `instance` when none is given, psycopg 3 for PostgreSQL."""
    if not raw:
        return f"sqlite:///{instance / 'kabarchy.sqlite3'}"
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", raw)


def _kept_secret_key(instance: Path) -> str:
    """The key made at the first start and kept beside the database, so that a restart signs nobody out."""
    path = instance / "secret_key"
    try:
        instance.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(file, "w") as opened:
                opened.write(secrets.token_urlsafe(48))
        return path.read_text().strip()
    except OSError as error:
        # What no look beforehand shows: a full disk, a system's own rules.
        raise SettingsError([f"Kabarchy cannot keep its key in {path}: {error.strerror}."]) from None
