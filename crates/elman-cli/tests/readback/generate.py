"""Sixty series as other programs write them, and what pandas reads in each: `python3 generate.py` writes `data/` and `cases.json`.

Each file is another mixture of dialect, encoding, form of time, step, missing values and order of rows. The expected times and
values are not those from which a file was made but those that pandas finds in it, told only what a person who looks at the file
would see (its separator, decimal mark, encoding and form of time); that both agree is asserted here. Needs pandas 3 or later.
"""

import datetime as dt
import io
import json
import pathlib
import random

import pandas as pd

HERE = pathlib.Path(__file__).parent
ROWS = 60

STEPS = {
    "hour": lambda: pd.date_range("2021-03-01 00:00", periods=ROWS, freq="h"),
    "15 minutes": lambda: pd.date_range("2021-12-31 20:00", periods=ROWS, freq="15min"),
    "day": lambda: pd.date_range("2020-02-10", periods=ROWS, freq="D"),
    "business day": lambda: pd.bdate_range("2022-01-03", periods=ROWS),
    "Sunday to Thursday": lambda: pd.date_range("2022-01-02", periods=ROWS, freq=pd.offsets.CustomBusinessDay(weekmask="Sun Mon Tue Wed Thu")),
    "week": lambda: pd.date_range("2018-12-31", periods=ROWS, freq="W-MON"),
    "month start": lambda: pd.date_range("2015-01-01", periods=ROWS, freq="MS"),
    "month end": lambda: pd.date_range("2015-01-31", periods=ROWS, freq="ME"),
    "business month end": lambda: pd.date_range("2015-01-30", periods=ROWS, freq="BME"),
    "quarter": lambda: pd.date_range("2001-01-01", periods=ROWS, freq="QS"),
    "quarter end": lambda: pd.date_range("2001-03-31", periods=ROWS, freq="QE"),
    "year": lambda: pd.date_range("1950-01-01", periods=ROWS, freq="YS"),
}

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
LONG = "January February March April May June July August September October November December".split()


def strftime(form):
    return lambda t: t.strftime(form)


# How a time is written, and how pandas is told to read it.
FORMS = {
    "iso": (strftime("%Y-%m-%d"), "%Y-%m-%d"),
    "iso time": (strftime("%Y-%m-%d %H:%M:%S"), "%Y-%m-%d %H:%M:%S"),
    "iso T": (strftime("%Y-%m-%dT%H:%M"), "%Y-%m-%dT%H:%M"),
    "slashes": (strftime("%Y/%m/%d"), "%Y/%m/%d"),
    "us": (strftime("%m/%d/%Y"), "%m/%d/%Y"),
    "us time": (strftime("%m/%d/%Y %I:%M %p"), "%m/%d/%Y %I:%M %p"),
    "german": (strftime("%d.%m.%Y"), "%d.%m.%Y"),
    "german time": (strftime("%d.%m.%Y %H:%M"), "%d.%m.%Y %H:%M"),
    "korean": (strftime("%Y년 %m월 %d일"), "%Y년 %m월 %d일"),
    "korean points": (lambda t: f"{t.year}. {t.month}. {t.day}.", "%Y. %m. %d."),
    "day name": (lambda t: f"{t.day:02}-{MONTHS[t.month - 1]}-{t.year}", "%d-%b-%Y"),
    "name day": (lambda t: f"{MONTHS[t.month - 1]} {t.day}, {t.year}", "%b %d, %Y"),
    "long name": (lambda t: f"{t.day} {LONG[t.month - 1]} {t.year}", "%d %B %Y"),
    "month": (strftime("%Y-%m"), "%Y-%m"),
    "name year": (lambda t: f"{MONTHS[t.month - 1]}-{t.year}", "%b-%Y"),
    "name yy": (lambda t: f"{MONTHS[t.month - 1]}-{t.year % 100:02}", "%b-%y"),
    "year": (lambda t: str(t.year), "%Y"),
    "compact": (strftime("%Y%m%d"), "%Y%m%d"),
    "compact time": (strftime("%Y%m%dT%H%M%SZ"), "%Y%m%dT%H%M%SZ"),
    "offset": (lambda t: t.strftime("%Y-%m-%dT%H:%M:%S") + "+09:00", "offset"),
    "zulu": (strftime("%Y-%m-%dT%H:%M:%SZ"), "%Y-%m-%dT%H:%M:%SZ"),
    "epoch": (lambda t: str(int(t.timestamp())), "s"),
    "epoch ms": (lambda t: str(int(t.timestamp()) * 1000), "ms"),
    "Q": (lambda t: f"{t.year}-Q{(t.month + 2) // 3}", "quarter"),
    "Q joined": (lambda t: f"{t.year}Q{(t.month + 2) // 3}", "quarter"),
    "W": (lambda t: "{0}-W{1:02}".format(*t.isocalendar()), "week"),
    "two columns": (None, None),
}

KOREAN, WESTERN = "값 (합계)", "Wärme °C"

# step, form, separator, decimal mark, thousands, quotes, encoding, missing, order, name of the target
CASES = [
    ("month start", "month", ",", ".", "", "", "utf-8", "none", "up", "value"),
    ("month start", "month", ";", ",", "", "", "utf-8-sig", "none", "down", "Wert"),
    ("month start", "name year", ",", ".", "", "", "utf-8", "none", "up", "value"),
    ("month start", "name yy", ",", ".", ",", "all", "utf-8", "none", "up", "sales"),
    ("month start", "name year", "\t", ".", "", "", "cp1252", "empty", "up", WESTERN),
    ("month start", "iso", ";", ",", ".", "", "cp1252", "none", "up", WESTERN),
    ("month start", "us", ",", ".", "", "", "utf-16", "none", "down", "value"),
    ("month start", "slashes", "|", ".", "", "", "utf-8", "NA", "up", "value"),
    ("month end", "iso", ",", ".", "", "", "utf-8", "none", "up", "value"),
    ("month end", "iso", ";", ",", "", "", "utf-8", "gaps", "up", "Wert"),
    ("month end", "us", ",", ".", ",", "all", "utf-8-sig", "none", "shuffled", "Sales, total"),
    ("month end", "german", ";", ",", ".", "", "cp1252", "none", "down", WESTERN),
    ("month end", "korean", ",", ".", "", "", "cp949", "none", "up", KOREAN),
    ("business month end", "iso", ",", ".", "", "", "utf-8", "none", "up", "close"),
    ("business month end", "day name", "\t", ".", "", "", "utf-16", "none", "down", "close"),
    ("business month end", "compact", "|", ".", "", "", "utf-8", "NA", "up", "close"),
    ("quarter", "Q", ",", ".", "", "", "utf-8", "none", "up", "gdp"),
    ("quarter", "Q joined", ";", ",", "", "", "utf-8", "none", "down", "BIP"),
    ("quarter", "iso", ",", ".", "", "", "utf-8-sig", "empty", "up", "gdp"),
    ("quarter end", "iso", "\t", ".", "", "", "utf-8", "none", "shuffled", "gdp"),
    ("quarter end", "us", ",", ".", "", "text", "utf-8", "none", "up", "gdp"),
    ("year", "year", ",", ".", "", "", "utf-8", "none", "up", "population"),
    ("year", "year", ";", ",", ".", "", "utf-8", "none", "down", "Bevölkerung"),
    ("year", "iso", ",", ".", "", "", "cp949", "none", "up", "인구"),
    ("week", "iso", ",", ".", "", "", "utf-8", "none", "up", "value"),
    ("week", "W", ",", ".", "", "", "utf-8", "none", "up", "value"),
    ("week", "W", ";", ",", "", "", "utf-8-sig", "NA", "down", "Wert"),
    ("week", "us", "|", ".", ",", "", "utf-8", "gaps", "up", "value"),
    ("week", "korean points", ",", ".", "", "text", "utf-8", "none", "up", KOREAN),
    ("day", "iso", ",", ".", "", "", "utf-8", "none", "up", "value"),
    ("day", "us", ",", ".", "", "", "utf-8", "none", "down", "value"),
    ("day", "german", ";", ",", "", "", "cp1252", "none", "up", WESTERN),
    ("day", "german", ";", ",", ".", "text", "utf-8", "gaps", "shuffled", "Wärme, Mittel"),
    ("day", "korean", ",", ".", "", "", "cp949", "empty", "up", KOREAN),
    ("day", "korean points", "\t", ".", "", "", "utf-16", "none", "down", KOREAN),
    ("day", "long name", ",", ".", "", "", "utf-8", "none", "up", "value"),
    ("day", "name day", ";", ".", "", "", "utf-8", "none", "up", "value"),
    ("day", "compact", ",", ".", "", "", "utf-8", "none", "shuffled", "value"),
    ("day", "epoch", ",", ".", "", "", "utf-8", "none", "up", "value"),
    ("day", "offset", ",", ".", "", "", "utf-8", "none", "up", "value"),
    ("day", "slashes", "|", ".", ",", "all", "utf-8-sig", "NA", "up", "value"),
    ("business day", "iso", ",", ".", "", "", "utf-8", "none", "up", "close"),
    ("business day", "us", ",", ".", ",", "all", "utf-8", "none", "down", "Close"),
    ("business day", "day name", ",", ".", "", "", "utf-8", "empty", "up", "close"),
    ("business day", "german", ";", ",", ".", "", "cp1252", "none", "up", "Schluß"),
    ("business day", "korean", "\t", ".", "", "", "utf-16", "none", "down", "종가"),
    ("Sunday to Thursday", "iso", ",", ".", "", "", "utf-8", "none", "up", "close"),
    ("Sunday to Thursday", "compact", ";", ",", "", "", "utf-8-sig", "none", "down", "close"),
    ("Sunday to Thursday", "us", "|", ".", "", "", "utf-8", "NA", "up", "close"),
    ("hour", "iso time", ",", ".", "", "", "utf-8", "none", "up", "load"),
    ("hour", "iso T", ";", ",", "", "", "utf-8", "gaps", "up", "Last"),
    ("hour", "us time", ",", ".", "", "", "utf-8", "none", "up", "load"),
    ("hour", "german time", ";", ",", ".", "", "cp1252", "empty", "down", WESTERN),
    ("hour", "epoch", "\t", ".", "", "", "utf-8", "none", "shuffled", "load"),
    ("hour", "epoch ms", ",", ".", "", "", "utf-8", "none", "down", "load"),
    ("hour", "compact time", ",", ".", "", "text", "utf-8", "none", "up", "load"),
    ("hour", "zulu", "|", ".", "", "", "utf-16", "none", "up", "load"),
    ("hour", "offset", ",", ".", "", "", "utf-8", "NA", "down", "load"),
    ("15 minutes", "iso time", ",", ".", "", "all", "utf-8-sig", "none", "shuffled", "load"),
    ("15 minutes", "two columns", ";", ",", "", "", "utf-8", "none", "up", "Last"),
]
assert len(CASES) == 60


def number(value, decimal, thousands):
    text = f"{value:,.2f}" if thousands else f"{value:.3f}".rstrip("0").rstrip(".")
    return text.translate(str.maketrans({",": thousands, ".": decimal}))


def written(case, randomness):
    """The file of a case, and the times and values in it."""
    step, form, separator, decimal, thousands, quotes, encoding, missing, order, name = case
    times = list(STEPS[step]())
    values = [round(randomness.uniform(-40, 900) * (40 if thousands else 1), 2 if thousands else 3) for _ in times]
    rows = list(zip(times, values))
    absent = set(range(9, ROWS, 13)) if missing != "none" else set()
    if missing == "gaps":
        rows = [row for place, row in enumerate(rows) if place not in absent]
    elif missing != "none":
        rows = [(time, None if place in absent else value) for place, (time, value) in enumerate(rows)]
    truth = [(time, value) for time, value in rows if value is not None]
    if order == "down":
        rows.reverse()
    elif order == "shuffled":
        randomness.shuffle(rows)

    def cell(text, is_text):
        needs = separator in text or '"' in text or "\n" in text
        if quotes == "all" or needs or (quotes == "text" and is_text):
            return '"' + text.replace('"', '""') + '"'
        return text

    two = form == "two columns"
    head = (["Datum", "Uhrzeit"] if two else ["Datum" if decimal == "," else "date"]) + [name, "n"]
    lines = [separator.join(cell(text, True) for text in head)]
    for place, (time, value) in enumerate(rows):
        when = [time.strftime("%d.%m.%Y"), time.strftime("%H:%M")] if two else [FORMS[form][0](time)]
        shown = {"NA": "NA", "empty": ""}.get(missing, "") if value is None else number(value, decimal, thousands)
        cells = [cell(text, True) for text in when] + [cell(shown, False), cell(str(place * 7 % 50), False)]
        lines.append(separator.join(cells))
    end = "\r\n" if encoding in ("cp1252", "utf-16") else "\n"
    return (end.join(lines) + end).encode(encoding), truth


def read(case, content):
    """What pandas finds in the file: times and values, in order of time, without those that are missing."""
    _, form, separator, decimal, thousands, _, encoding, _, _, name = case
    table = pd.read_csv(
        io.BytesIO(content),
        sep=separator,
        decimal=decimal,
        thousands=thousands or None,
        encoding=encoding,
        dtype={0: str, 1: str} if form == "two columns" else {0: str},
        na_values=["NA"],
    )
    when, kind = table.iloc[:, 0], FORMS[form][1]
    if form == "two columns":
        times = pd.to_datetime(when + " " + table.iloc[:, 1], format="%d.%m.%Y %H:%M")
    elif kind in ("s", "ms"):
        times = pd.to_datetime(when.astype("int64"), unit=kind)
    elif kind == "quarter":
        times = pd.Series(pd.PeriodIndex(when.str.replace("-", ""), freq="Q").to_timestamp())
    elif kind == "week":
        times = when.map(lambda text: dt.datetime.strptime(text + "-1", "%G-W%V-%u"))
    elif kind == "offset":
        times = pd.to_datetime(when).dt.tz_localize(None)
    elif kind.endswith("Z"):
        times = pd.to_datetime(when, format=kind.replace("Z", "") + "Z")
        times = times.dt.tz_localize(None) if times.dt.tz is not None else times
    elif form == "korean points":
        times = when.map(lambda text: dt.datetime(*(int(part) for part in text.strip(".").split(". "))))
    else:
        times = pd.to_datetime(when, format=kind)
    found = pd.DataFrame({"time": times, "value": table[name].astype(float)}).dropna().sort_values("time")
    return list(found.itertuples(index=False, name=None))


def main():
    folder = HERE / "data"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    cases = []
    for place, case in enumerate(CASES):
        content, truth = written(case, random.Random(place))
        found = read(case, content)
        assert len(found) == len(truth), case
        for (time, value), (true_time, true_value) in zip(found, truth):
            assert pd.Timestamp(time) == true_time and value == true_value, (case, time, value, true_time, true_value)
        step, form, separator, _, _, _, encoding, missing, order, name = case
        slug = f"{place + 1:02}-{step}-{form}-{missing}-{order}".lower().replace(" ", "-")
        ending = "tsv" if separator == "\t" else "csv"
        (folder / f"{slug}.{ending}").write_bytes(content)
        keys = ['missing = "interpolate"'] if missing in ("NA", "empty") else []
        if form == "two columns":
            keys.append('time = ["Datum", "Uhrzeit"]')
        cases.append(
            {
                "file": f"{slug}.{ending}",
                "target": name,
                "keys": keys,
                "times": [str(pd.Timestamp(time)) for time, _ in found],
                "values": [value for _, value in found],
            }
        )
    text = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (HERE / "cases.json").write_text(f"[\n{text}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
