"""Recomputes from MLflow's own client what /metrics must say of costs, by the documented formulas and in exact fractions.

    recompute_cost.py TRACKING_URI [--workspaces A,B] BOOK@NOW_MILLIS...

Prints a JSON list that holds for each cost book and time a list of series: {"name", "labels", "value"}.
"""

import argparse
import json
import math
import os
import re
import warnings
from collections import defaultdict
from datetime import timedelta
from fractions import Fraction

warnings.filterwarnings("ignore")

import mlflow
import pandas as pd
from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient

from cost_book import EVER, HOUR, Book, gaps, inside
from recompute import ENDED, LONGEST_RUN_MS, Series, activity, billed, paged, phase, regex

DAY = 24 * HOUR
SYSTEM = re.compile(r"system/(cpu_utilization_percentage|system_memory_usage_percentage|"
                    r"gpu_[0-9]{1,4}_utilization_percentage|gpu_[0-9]{1,4}_power_usage_watts)")


def read(client, workspace):
    runs = []
    for e in paged(lambda t: client.search_experiments(view_type=ViewType.ALL, page_token=t)):
        for run in paged(lambda t: client.search_runs([e.experiment_id], run_view_type=ViewType.ALL, max_results=500, page_token=t)):
            tags = run.data.tags
            start = run.info.start_time or 0
            runs.append({
                "id": run.info.run_id, "workspace": workspace, "experiment": e.name, "experiment_tags": e.tags or {},
                "name": run.info.run_name or "", "user": tags.get("mlflow.user") or run.info.user_id or "",
                "status": run.info.status, "active": run.info.lifecycle_stage == "active", "start": start,
                "end": run.info.end_time or 0, "times": [m.timestamp for m in run.data._metric_objs],
                "phase": phase(run.info.run_name or "", tags), "tags": tags, "params": run.data.params,
                "use": use(client, run),
            })
    return runs


def use(client, run):
    """Use of the machine by what it logged: of ended runs the mean, else the latest."""
    values = {}
    for name, latest in run.data.metrics.items():
        if not SYSTEM.fullmatch(name):
            continue
        points = [latest]
        if run.info.status in ENDED:
            points = [m.value for m in client.get_metric_history(run.info.run_id, name)]
        points = [Fraction(p) for p in points if math.isfinite(p) and p <= 1_000_000]
        mean = sum(points) / len(points) if points else -1
        if mean >= 0:
            values[name] = mean
    found = {"cpu": [], "memory": [], "gpu": [], "watts": []}
    for name, value in values.items():
        kind = next(k for k, part in [("cpu", "/cpu_"), ("memory", "/system_memory"), ("gpu", "_utilization"), ("watts", "_watts")] if part in name)
        found[kind].append(value if kind == "watts" else min(Fraction(1), value / 100))
    means = {kind: sum(all_) / len(all_) for kind, all_ in found.items() if all_ and kind != "watts"}
    return {**means, **({"watts": sum(found["watts"])} if found["watts"] else {})}


def span(run, now):
    """As billed says, of a run that has a clock."""
    last = activity(run["status"], run["start"], run["end"], run["times"], now)
    return billed({**run, "sign": last}, now)


def has_clock(run):
    return run["start"] != 0 and run["status"] != "SCHEDULED"


def pays(run, by_id, book):
    """Whether its own time costs."""
    line = [run]
    while (parent := by_id.get(line[-1]["tags"].get("mlflow.parentRunId"))) is not None:
        if parent is run or len(line) > 100:
            return True
        line.append(parent)
    for parent in line[1:]:
        if (book.rule(parent) or {}).get("distributed_children") == "true":
            return True
        if has_clock(parent):
            return False
    return True


def shares(start, end, together):
    """A time in pieces, with how many runs use the machine in each; one, where it is not shared."""
    if not together:
        return [(start, end, 1)]
    borders = sorted({start, end, *(at for span_ in together for at in span_ if start < at < end)})
    return [(a, b, sum(x <= a < y for x, y in together)) for a, b in zip(borders, borders[1:])]


class Costs:
    def __init__(self, book, runs, now):
        self.book, self.now = book, now
        self.month = book.day(now).replace(day=1)
        self.windows = {"1d": now - DAY, "7d": now - 7 * DAY, "30d": now - 30 * DAY, "month": book.day_start(self.month)}
        by_id = {run["id"]: run for run in runs}
        spent, unpriced, busy, powered = [], [], [], []
        paying = [(run, *span(run, now)) for run in runs if has_clock(run) and pays(run, by_id, book)]
        users = defaultdict(list)
        for run, start, end, _, credible in paying:
            if credible and book.machine(run) and start < end:
                users[book.machine(run)].append((start, end))
        for run, start, end, outcome, credible in paying:
            parts = book.uses(run)
            together = users.get(book.machine(run), []) if credible else []
            if not credible:
                start = max(start, end - LONGEST_RUN_MS)
            labels = {"run": run["id"], "workspace": run["workspace"], "experiment": run["experiment"], "phase": run["phase"],
                      "outcome": outcome, **{f"use_{k}": run["use"].get(k) for k in ["cpu", "memory", "gpu"]},
                      **{kind: run["tags"].get(book.get(f"{kind}_tag")) or run["experiment_tags"].get(book.get(f"{kind}_tag")) or "none"
                         for kind in ["project", "team"]}}
            if not credible:
                free = parts is not None and all(part["number"] == 0 for part in parts)
                unpriced.append({**labels, "seconds": Fraction(0 if free else end - start, 1000)})
                continue
            busy.append({**labels, "from": start, "until": end})
            for a, b, n in shares(start, end, together):
                powered.append({**labels, "from": a, "until": b, "watts": self.watts(run, parts or []) / Fraction(n)})
            missing = [(start, end)] if parts is None else []
            for part in parts or []:
                if part["number"] == 0:
                    continue
                missing += gaps(book.units.get(part["unit"], []), start, end)
                for a, b, price, currency in book.given(part["unit"], start, end):
                    for x, y, shown, in_ in book.converted([(a, b, price, currency)], book.report):
                        for u, v, n in shares(x, y, together):
                            number = part["number"] / Fraction(n)
                            spent.append({**labels, "resource": part["unit"], "number": number, "from": u, "until": v,
                                          "per_hour": shown * number, "currency": in_, "start": start,
                                          "given": price * number, "given_in": currency, "tags": run["tags"]})
            covered = [{"from": a, "until": b} for a, b in missing]
            unpriced.append({**labels, "seconds": Fraction(end - start - sum(b - a for a, b in gaps(covered, start, end)), 1000)})
        self.spent, self.unpriced, self.busy = pd.DataFrame(spent), pd.DataFrame(unpriced), pd.DataFrame(busy)
        self.powered = pd.DataFrame(powered)
        self.spent["cost"] = self.within(self.spent, -EVER)

    @staticmethod
    def watts(run, parts):
        gpus = run["use"].get("watts")
        return sum((p["watts"] for p in parts), Fraction(0)) + (sum(p["gpu_watts"] for p in parts) if gpus is None else gpus)

    def within(self, rows, since):
        """What each row cost since then."""
        return [Fraction(max(0, r.until - max(r.begin, since)), HOUR) * r.per_hour
                for r in rows.rename(columns={"from": "begin"}).itertuples()]

    @staticmethod
    def totals(rows, keys, column):
        for labels, group in rows.groupby(keys, sort=False):
            yield dict(zip(keys, labels)), sum(group[column], Fraction(0))

    def counters(self, out):
        s = self.spent.assign(seconds=[Fraction(r.until - r.begin, 1000) * r.number
                                       for r in self.spent.rename(columns={"from": "begin"}).itertuples()])
        for name, rows, keys, column in [
            ("mlflow_compute_seconds_total", s, ["experiment", "phase", "resource"], "seconds"),
            ("mlflow_compute_spend_total", s, ["experiment", "phase", "resource", "currency"], "cost"),
            ("mlflow_outcome_spend_total", s[s.outcome != "running"], ["experiment", "outcome", "currency"], "cost"),
            ("mlflow_compute_unpriced_seconds_total", self.unpriced, ["experiment", "phase"], "seconds"),
        ]:
            for labels, total in self.totals(rows, ["workspace", *keys], column):
                out.add(name=name, value=total, **labels)

    def gauges(self, out):
        s = self.spent
        for window, since in self.windows.items():
            rows = s[s.until > since]
            rows = rows.assign(cost=self.within(rows, since))
            for name, keys in [("compute", ["experiment", "phase", "outcome"]), ("project_compute", ["project"]),
                               ("team_compute", ["team"])]:
                if keys[0] in ("project", "team") and not self.book.get(keys[0] + "_tag"):
                    continue
                for labels, total in self.totals(rows, ["workspace", *keys, "currency"], "cost"):
                    out.add(name=f"mlflow_{name}_cost", value=total, window=window, **labels)
            used = rows.use_gpu.where(rows.use_gpu.notna(), rows.use_cpu)
            idle = rows.assign(used=used)[used.notna()]
            idle = idle.assign(cost=[(1 - r.used) * r.cost for r in idle.itertuples()])
            for labels, total in self.totals(idle, ["workspace", "experiment", "phase", "currency"], "cost"):
                out.add(name="mlflow_compute_idle_cost", value=total, window=window, **labels)
        burning = s[(s.outcome == "running") & (s["from"] <= self.now) & (s.until >= self.now)]
        burning = burning[[self.in_force(r) for r in burning.itertuples()]]
        for labels, total in self.totals(burning, ["workspace", "experiment", "resource", "currency"], "per_hour"):
            out.add(name="mlflow_compute_cost_per_hour", value=total, **labels)

    def in_force(self, row):
        """A price that ends just now is over."""
        return any(True for _ in self.book.given(row.resource, self.now, self.now + 1))

    def prices(self, out):
        for unit, prices in self.book.units.items():
            for a, b, price in inside(prices, self.now, self.now + 1):
                for _, _, per_hour, currency in self.book.converted([(a, b, price["per_hour"], price["currency"])], self.book.report):
                    out.add("", "mlflow_price_per_hour", per_hour, resource=unit, currency=currency, source=price["source"])

    def overheads(self, out):
        for window, since in self.windows.items():
            sums = defaultdict(Fraction)
            for entry in self.book.get("overheads", []):
                sums[entry["category"], self.book.report or entry.get("currency", self.book.get("currency"))] += 0
                for amount, currency in self.book.overheads(entry, since, self.now, self.book.report):
                    sums[entry["category"], currency] += amount
            for (category, currency), total in sums.items():
                out.add("", "mlflow_overhead_cost", total, window=window, category=category, currency=currency)

    def utilization(self, out):
        since = self.windows["30d"]
        seconds = {r.run: Fraction(max(0, r.until - max(since, r.begin)), 1000)
                   for r in self.busy.rename(columns={"from": "begin"}).itertuples()}
        costs = self.spent.assign(cost=self.within(self.spent, since))
        costs = costs[costs.cost > 0]
        for kind in ["cpu", "memory", "gpu"]:
            rows = self.busy[self.busy[f"use_{kind}"].notna()]
            rows = rows[[seconds[run] > 0 for run in rows.run]]
            for labels, group in rows.groupby(["workspace", "experiment", "phase"], sort=False):
                theirs = costs[costs.run.isin(group.run)]
                weights = theirs.groupby("run").cost.agg(lambda c: sum(c, Fraction(0))) if theirs.currency.nunique() == 1 else seconds
                weigh = [(weights.get(r.run, Fraction(0)), getattr(r, f"use_{kind}")) for r in group.itertuples()]
                out.add(labels[0], "mlflow_resource_utilization_ratio", sum(w * u for w, u in weigh) / sum(w for w, _ in weigh),
                        experiment=labels[1], phase=labels[2], resource=kind)

    def energy(self, out):
        rows = self.powered[(self.powered.watts > 0) & (self.powered.until > self.powered["from"])]
        rows = rows.rename(columns={"from": "begin"})
        joules = [r.watts * self.book.pue * Fraction(r.until - r.begin, 1000) for r in rows.itertuples()]
        grams = [sum((r.watts * self.book.pue * Fraction(b - a, 1000) / 3_600_000 * c["grams"]
                      for a, b, c in inside(self.book.carbon, r.begin, r.until)), Fraction(0)) for r in rows.itertuples()]
        for labels, total in self.totals(rows.assign(joules=joules), ["workspace", "experiment", "phase"], "joules"):
            out.add(name="mlflow_energy_joules_total", value=total, **labels)
        for labels, total in self.totals(rows.assign(grams=grams), ["workspace", "experiment", "phase"], "grams"):
            out.add(name="mlflow_carbon_dioxide_grams_total", value=total, **labels)

    # What is to come

    def expected(self, pieces, running, first, next_):
        """To date, and the whole period, of (from, until, per hour) and of (start, per hour) of what runs now."""
        book, now = self.book, self.now

        def cost(a, b):
            return sum((Fraction(max(0, min(b, y) - max(a, x)), HOUR) * rate for x, y, rate in pieces), Fraction(0))

        def committed(a, b):
            return sum((Fraction(max(0, min(b, 2 * now - start) - a), HOUR) * rate for start, rate in running), Fraction(0))

        to_date = cost(book.day_start(first), now)
        today, begun = book.day(now), min((x for x, _, _ in pieces), default=EVER)
        elapsed = now - book.day_start(today)
        whole = [d for d in (today - timedelta(i) for i in range(1, 29)) if book.day_start(d) >= begun]
        rest, day, memo = Fraction(0), today, {}
        while day < next_:
            a, b = (now if day == today else book.day_start(day)), book.day_start(day + timedelta(1))
            key = (day.weekday(), day == today)
            like = [d for d in whole if d.weekday() == day.weekday()] or whole
            if not like:
                hours = Fraction(now - max(begun, book.day_start(today)), HOUR)
                usual = cost(book.day_start(today), now) / hours * Fraction(b - a, HOUR) if hours >= 1 else Fraction(0)
            else:
                if key not in memo:
                    memo[key] = sum(cost(book.day_start(d) + (elapsed if day == today else 0), book.day_start(d + timedelta(1)))
                                    for d in like) / len(like)
                usual = memo[key]
            rest += max(usual, committed(a, b))
            day += timedelta(1)
        return to_date, to_date + rest

    def lines(self, rows):
        return [(r.begin, r.until, r.per_hour) for r in rows.rename(columns={"from": "begin"}).itertuples()]

    def forecast(self, out):
        for labels, rows in self.spent.groupby(["workspace", "experiment", "currency"], sort=False):
            burning = [(r.start, r.per_hour) for r in rows.itertuples() if r.outcome == "running" and r.until >= self.now and self.in_force(r)]
            _, whole = self.expected(self.lines(rows), burning, self.month, (self.month + timedelta(32)).replace(day=1))
            out.add(labels[0], "mlflow_cost_forecast", whole, experiment=labels[1], currency=labels[2])

    def budgets(self, out):
        for budget in self.book.get("budgets", []):
            currency = budget.get("currency", self.book.get("currency"))
            months = {"month": 1, "quarter": 3, "year": 12}[budget.get("period", "month")]
            first = self.month.replace(month=self.month.month - (self.month.month - 1) % months)
            next_ = first
            for _ in range(months):
                next_ = (next_ + timedelta(32)).replace(day=1)
            pieces, burning = [], []
            for r in self.spent.rename(columns={"from": "begin"}).itertuples():
                if not self.from_budget(budget, r):
                    continue
                for a, b, rate, in_ in self.book.converted([(r.begin, r.until, r.given, r.given_in)], currency):
                    if in_ == currency:
                        pieces.append((a, b, rate))
                        if r.outcome == "running" and b >= self.now and self.in_force(r):
                            burning.append((r.start, rate))
            to_date, whole = self.expected(pieces, burning, first, next_)
            start = self.book.day_start(first)
            beside = [0, 0]
            for entry in self.book.get("overheads", []):
                if entry["category"] in budget.get("overheads", []):
                    for i, until in enumerate([self.now, self.book.day_start(next_)]):
                        beside[i] += sum(a for a, c in self.book.overheads(entry, start, until, currency) if c == currency)
            amount = Fraction(budget["amount"])
            out.add("", "mlflow_budget", amount, budget=budget["name"], currency=currency)
            out.add("", "mlflow_budget_spent_ratio", (to_date + beside[0]) / amount, budget=budget["name"])
            out.add("", "mlflow_budget_forecast_ratio", (whole + beside[1]) / amount, budget=budget["name"])

    @staticmethod
    def from_budget(budget, row):
        def any_of(key):
            return not budget.get(key) or any(regex(p).fullmatch(getattr(row, key)) for p in budget[key])

        tags = budget.get("tags", {})
        return (any_of("experiment") and any_of("workspace") and any_of("phase")
                and all(name in row.tags and regex(p).fullmatch(row.tags[name]) for name, p in tags.items()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("--workspaces", default="")
    parser.add_argument("cases", nargs="+")
    options = parser.parse_args()
    mlflow.set_tracking_uri(options.uri)
    runs = []
    for workspace in options.workspaces.split(","):
        if workspace:
            os.environ["MLFLOW_WORKSPACE"] = workspace
            mlflow.set_workspace(workspace)
        runs += read(MlflowClient(options.uri, options.uri), workspace)
    answers = []
    for case in options.cases:
        path, now = case.rsplit("@", 1)
        costs, out = Costs(Book(path), runs, int(now)), Series()
        for tell in [costs.counters, costs.gauges, costs.prices, costs.overheads, costs.utilization, costs.energy, costs.forecast,
                     costs.budgets]:
            tell(out)
        answers.append(out.all)
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
