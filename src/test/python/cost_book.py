"""What a cost book says, read from docs/cost-book.md and docs/cost-model.md alone. All amounts are exact fractions."""

import csv
import pathlib
import re
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import yaml

from recompute import regex

HOUR = 3_600_000
EVER = 10**18
UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": HOUR, "d": 24 * HOUR}


def inside(entries, start, end):
    """The dated entries, cut to a time."""
    for entry in entries:
        a, b = max(start, entry["from"]), min(end, entry["until"])
        if a < b:
            yield a, b, entry


def gaps(entries, start, end):
    """What of a time none of the dated entries covers."""
    for a, b, _ in sorted(inside(entries, start, end), key=lambda piece: piece[0]):
        if start < a:
            yield start, a
        start = max(start, b)
    if start < end:
        yield start, end


class Book:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        # Without types every number is the text that was written, and no float comes between.
        self.yaml = yaml.load(self.path.read_text("utf-8"), Loader=yaml.BaseLoader)
        self.zone = ZoneInfo(self.get("time_zone", "UTC"))
        self.report = self.get("report_currency")
        self.pue = Fraction(self.get("pue", "1"))
        self.rates = {}
        for c in self.get("conversions", []):
            self.rates.setdefault((c["from"], c["to"]), []).append({**self.dated(c), "rate": Fraction(c["rate"])})
        self.carbon = [{**self.dated(c), "grams": Fraction(c["grams_per_kwh"])} for c in self.get("carbon", [])]
        self.resources = {r["name"]: r for r in self.get("resources", [])}
        self.units = {}
        for resource in self.resources.values():
            for price in resource.get("prices", []):
                self.price(resource["name"], price)
            if "focus" in resource:
                self.focus(resource["name"], resource["focus"])

    def get(self, key, default=None):
        return self.yaml.get(key, default)

    # Time

    def day_start(self, day):
        return int(datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp() * 1000)

    def day(self, millis):
        return datetime.fromtimestamp(millis / 1000, self.zone).date()

    def when(self, text):
        if len(text) <= 10:
            return self.day_start(date.fromisoformat(text))
        return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)

    def dated(self, entry):
        return {"from": self.when(entry["valid_from"]) if "valid_from" in entry else -EVER,
                "until": self.when(entry["valid_until"]) if "valid_until" in entry else EVER}

    # Prices

    def price(self, name, price):
        if "per_hour" in price:
            made = {name: Fraction(price["per_hour"])}
        elif "owned" in price:
            owned = {key: text if key == "lifetime" else Fraction(text) for key, text in price["owned"].items()}
            number, unit = re.fullmatch(r"(\d+)([a-z]+)", owned["lifetime"]).groups()
            hours = Fraction(int(number) * UNITS[unit], HOUR)
            power = owned.get("watts", 0) / Fraction(1000) * owned.get("pue", 1) * owned.get("price_per_kwh", 0)
            made = {name: owned["purchase_price"] / (hours * owned["share_of_use"]) + power}
        else:
            rates = price["rates"]
            made = {f"{name}/{part}": Fraction(rates[part]) for part in ["vcpu", "gib"] if part in rates}
            made.update({f"{name}/gpu:{model}": Fraction(rate) for model, rate in rates.get("gpu", {}).items()})
        for unit, per_hour in made.items():
            for factor in price.get("factors", {}).values():
                per_hour *= Fraction(factor)
            self.units.setdefault(unit, []).append({
                **self.dated(price), "per_hour": per_hour, "currency": price.get("currency", self.get("currency")),
                "source": price.get("source", "estimate")})

    def focus(self, name, focus):
        listed = focus.get("column", "list_unit_price") == "list_unit_price"
        column = "ListUnitPrice" if listed else "ContractedUnitPrice"
        known = []
        with open(self.path.parent / focus["file"], encoding="utf-8", newline="") as rows:
            for row in sorted(csv.DictReader(rows), key=lambda row: row["ChargePeriodStart"]):
                if (row["SkuId"] != focus["sku_id"] or row["ChargeCategory"] != "Usage" or row["ChargeClass"] == "Correction"
                        or row["RegionId"] != focus.get("region_id", row["RegionId"]) or not row[column]):
                    continue
                number = re.match(r"\d+", row["PricingUnit"])
                per_hour = Fraction(row[column]) / Fraction(number[0] if number else 1)
                if known and (known[-1]["per_hour"], known[-1]["currency"]) == (per_hour, row["BillingCurrency"]):
                    continue
                start = self.when(row["ChargePeriodStart"])
                if known:
                    known[-1]["until"] = start
                known.append({"from": start, "until": EVER, "per_hour": per_hour, "currency": row["BillingCurrency"],
                              "source": "list" if listed else "contract"})
        self.units[name] = known

    def converted(self, amounts, currency):
        """(from, until, amount, currency) in another currency, and what has no rate as it is."""
        for start, end, amount, own in amounts:
            if currency is None or own == currency:
                yield start, end, amount, own
                continue
            rates = self.rates.get((own, currency), [])
            for a, b, rate in inside(rates, start, end):
                yield a, b, amount * rate["rate"], currency
            for a, b in gaps(rates, start, end):
                yield a, b, amount, own

    def given(self, unit, start, end):
        for a, b, price in inside(self.units.get(unit, []), start, end):
            yield a, b, price["per_hour"], price["currency"]

    # What a run used

    def rule(self, run):
        def any_of(key, text):
            return key not in rule or not rule[key] or any(regex(p).fullmatch(text) for p in rule[key])

        def all_of(key):
            return all(name in run[key] and regex(p).fullmatch(run[key][name]) for name, p in rule.get(key, {}).items())

        for rule in self.get("rules", []):
            if (any_of("experiment", run["experiment"]) and any_of("workspace", run["workspace"]) and any_of("phase", run["phase"])
                    and any_of("user", run["user"]) and any_of("source", run["tags"].get("mlflow.source.name", ""))
                    and any_of("run_name", run["name"]) and all_of("tags") and all_of("params")):
                return rule
        return None

    def machine(self, run):
        """What a run has in common with the others that use its machine; None where the machine is its own."""
        by = (self.rule(run) or {}).get("shared_by")
        if not by:
            return None
        kind, name = by.split(":", 1)
        value = run[kind + "s"].get(name)
        return (by, value) if value else None

    def uses(self, run):
        """The list of uses, each with numbers; None where something is missing."""
        hinted = run["tags"].get("mlflow-exporter.resource") if self.get("trust_run_hints") == "true" else None
        rule = self.rule(run)
        if hinted in self.resources:
            uses = [{"resource": hinted, "count": "tag:mlflow-exporter.count else 1"}]
        elif rule is not None:
            uses = rule["uses"]
        else:
            uses = self.get("default_uses")
        try:
            return None if uses is None else [part for use in uses for part in self.parts(use, run)]
        except LookupError:
            return None

    def parts(self, use, run):
        """(unit, how many), and once the watts of all."""
        resource = self.resources[use["resource"]]
        count = self.quantity(use.get("count", "1"), run)
        power = {"watts": Fraction(resource.get("watts", 0)) * count, "gpu_watts": Fraction(resource.get("gpu_watts", 0)) * count}
        if not any("rates" in price for price in resource.get("prices", [])):
            return [{"unit": use["resource"], "number": count, **power}]
        made = []
        for key, part in [("vcpus", "vcpu"), ("memory_gib", "gib")]:
            if key in use:
                made.append((part, count * self.quantity(use[key], run)))
        gpus = count * self.quantity(use.get("gpus", "0"), run)
        if gpus:
            model = use["gpu_model"]
            made.append(("gpu:" + (run[model.split(":")[0] + "s"][model.split(":", 1)[1]] if ":" in model else model), gpus))
        return [{"unit": f"{use['resource']}/{part}", "number": number, **(power if i == 0 else {"watts": 0, "gpu_watts": 0})}
                for i, (part, number) in enumerate(made)]

    @staticmethod
    def quantity(text, run):
        named = re.fullmatch(r"(tag|param):(.+?)(?:\s+else\s+(\S+))?", text)
        if named:
            text = run[named[1] + "s"].get(named[2], named[3])
        number = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*", text or "", re.ASCII)
        if not number or Fraction(number[1]) > 1_000_000:
            raise LookupError(text)
        return Fraction(number[1])

    # What is spent beside

    def overhead(self, entry, start, end):
        """(from, until, amount) of an overhead in a time, by pieces in which it is spent evenly."""
        dates = self.dated(entry)
        once = "once" in entry
        if once and "valid_until" not in entry:
            dates["until"] = self.day_start(self.day(dates["from"]) + timedelta(1))
        start, end = max(start, dates["from"]), min(end, dates["until"])
        if once:
            if start < end:
                yield start, end, Fraction(entry["once"]) * Fraction(end - start, dates["until"] - dates["from"])
            return
        amount = Fraction(entry["monthly"]) if "monthly" in entry else Fraction(entry["gb"]) * Fraction(entry["per_gb_month"])
        while start < end:
            first = self.day(start).replace(day=1)
            a, b = self.day_start(first), self.day_start((first + timedelta(32)).replace(day=1))
            yield start, min(end, b), amount * Fraction(min(end, b) - start, b - a)
            start = b

    def overheads(self, entry, start, end, currency):
        """(amount, currency) of an overhead in a time."""
        own = entry.get("currency", self.get("currency"))
        for a, b, amount in self.overhead(entry, start, end):
            for x, y, per_milli, shown in self.converted([(a, b, amount / (b - a), own)], currency):
                yield per_milli * (y - x), shown
