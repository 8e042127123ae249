#!/usr/bin/env python3
"""Draws a picture of each dashboard: its queries are run on a Prometheus, and draw.js draws what they answer.

Needs nothing beside Python but chromium and pngquant. See grafana-dashboards/preview/run for the whole of it.
"""

import argparse
import json
import math
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# Steps that Grafana would choose too.
STEPS = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400]
POINTS = 350
REPEATED_AT_MOST = 6
LARGEST = 149_000


def seconds(text):
    return int(text[:-1]) * SECONDS[text[-1]]


class Prometheus:
    def __init__(self, address):
        self.address = address

    def get(self, path, **parameters):
        url = f"{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{parameters}: {error.read().decode()}") from error

    def label_values(self, selector, label, start, end):
        series = self.get("series", **{"match[]": selector, "start": start, "end": end})
        return sorted({one[label] for one in series if label in one})


class Board:
    """One dashboard at one moment."""

    def __init__(self, json_text, prometheus, end, since, scrape):
        self.json = json.loads(json_text)
        self.prometheus = prometheus
        self.end = end
        self.range = seconds(since or self.json["time"]["from"].removeprefix("now-"))
        self.start = end - self.range
        self.scrape = scrape
        self.variables = {}
        self.texts = {}
        for variable in self.json["templating"]["list"]:
            self.choose(variable)

    def choose(self, variable):
        name, kind = variable["name"], variable["type"]
        if kind == "query" and variable["includeAll"]:
            self.variables[name], self.texts[name] = variable["allValue"], "All"
        elif kind == "query":
            selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["definition"]).groups()
            values = self.prometheus.label_values(self.replaced(selector), label, self.start, self.end)
            self.variables[name] = self.texts[name] = values[0] if values else "none"
        elif kind in ("custom", "textbox"):
            self.variables[name] = variable["current"]["value"]
            self.texts[name] = variable["current"]["text"]
        else:
            self.variables[name], self.texts[name] = "prometheus", "Prometheus"

    def replaced(self, text, **more):
        values = self.variables | more

        def value(match):
            name = match.group(1) or match.group(2)
            if match.group(3) == ":text":
                return self.texts.get(name, match.group(0))
            return str(values.get(name, match.group(0)))

        return re.sub(r"\$(?:(\w+)|\{(\w+)(:\w+)?\})", value, text)

    def ask(self, panel, target, extra):
        pixels = panel["gridPos"]["w"] / 24
        step = max(self.range / (POINTS * max(pixels, 0.3)), self.scrape)
        step = next((one for one in STEPS if one >= step), STEPS[-1])
        if panel.get("interval"):
            step = max(step, seconds(panel["interval"]))
        expression = self.replaced(
            target["expr"],
            __rate_interval=f"{max(step + self.scrape, 4 * self.scrape)}s",
            __range=f"{self.range}s",
            __range_s=self.range,
            __interval_ms=step * 1000,
            **extra,
        )
        if target["instant"]:
            return {"expr": expression, "data": self.prometheus.get("query", query=expression, time=self.end)}
        # Grafana aligns both ends to the step.
        end = math.floor(self.end / step) * step
        start = math.floor(self.start / step) * step
        data = self.prometheus.get("query_range", query=expression, start=start, end=end, step=step)
        answer = {"expr": expression, "data": data, "step": step}
        if target.get("exemplar"):
            answer["exemplars"] = self.prometheus.get(
                "query_exemplars", query=expression, start=self.start, end=self.end
            )
        return answer

    def panels(self):
        """Repeated ones once for each value, beside each other, and what is below them moved down."""
        down = 0
        for panel in self.json["panels"]:
            panel["gridPos"]["y"] += down
            if "repeat" not in panel:
                yield panel, {}
                continue
            variable = next(v for v in self.json["templating"]["list"] if v["name"] == panel["repeat"])
            selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["definition"]).groups()
            values = self.prometheus.label_values(self.replaced(selector), label, self.start, self.end)
            each = panel["maxPerRow"]
            for i, value in enumerate(values[:REPEATED_AT_MOST]):
                copy = json.loads(json.dumps(panel))
                copy["gridPos"] = {
                    "w": 24 // each,
                    "h": panel["gridPos"]["h"],
                    "x": i % each * (24 // each),
                    "y": panel["gridPos"]["y"] + i // each * panel["gridPos"]["h"],
                }
                yield copy, {panel["repeat"]: value}
            down += max(0, (min(len(values), REPEATED_AT_MOST) - 1) // each) * panel["gridPos"]["h"]

    def answers(self):
        drawn = []
        for panel, extra in self.panels():
            targets = panel.get("targets", [])
            panel["title"] = self.replaced(panel["title"], **extra)
            drawn.append({"panel": panel, "answers": [self.ask(panel, one, extra) for one in targets]})
        marks = []
        for annotation in self.json["annotations"]["list"]:
            if "expr" in annotation:
                step = max(60, self.range // 5000)
                data = self.prometheus.get(
                    "query_range", query=self.replaced(annotation["expr"]), start=self.start, end=self.end, step=step
                )
                marks += sorted({float(point[1]) / 1000 for one in data["result"] for point in one["values"]})
        variables = [
            {"label": variable["label"], "value": self.texts[variable["name"]]}
            for variable in self.json["templating"]["list"]
            if variable["name"] not in ("datasource", "workspace", "mlflow_url")
        ]
        return {
            "title": self.json["title"],
            "variables": variables,
            "panels": drawn,
            "marks": [mark for mark in marks if self.start <= mark <= self.end],
            "start": self.start,
            "end": self.end,
        }


def screenshot(page, width, height, target):
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += [f"--window-size={width},{height}", f"--screenshot={target}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prometheus", required=True, help="its address")
    parser.add_argument("--to", type=pathlib.Path, required=True, help="directory of the pictures")
    parser.add_argument("--since", default="", help="show this much, such as 30d, instead of what the dashboard says")
    parser.add_argument("--scrape", type=int, default=15, help="seconds between scrapes")
    parser.add_argument("--end", type=float, default=time.time(), help="Unix time at which the pictures end")
    parser.add_argument("--width", type=int, default=1400)
    parser.add_argument("dashboards", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    files = arguments.dashboards or sorted(HERE.parent.glob("*.json"))
    script = (HERE / "draw.js").read_text()
    arguments.to.mkdir(parents=True, exist_ok=True)
    for file in files:
        board = Board(
            file.read_text(), Prometheus(arguments.prometheus), arguments.end, arguments.since, arguments.scrape
        )
        data = board.answers()
        empty = [
            f'{one["panel"]["title"]}: {answer["expr"]}'
            for one in data["panels"]
            for answer in one["answers"]
            if not answer["data"]["result"]
        ]
        data["width"] = arguments.width
        lowest = max(one["panel"]["gridPos"]["y"] + one["panel"]["gridPos"]["h"] for one in data["panels"])
        height = 84 + lowest * 36 + 8
        with tempfile.TemporaryDirectory() as scratch:
            page = pathlib.Path(scratch) / "page.html"
            embedded = json.dumps(data).replace("</", "<\\/")
            page.write_text(f"<!doctype html><meta charset=utf-8><body><script>const DATA={embedded};\n{script}</script>")
            raw = pathlib.Path(scratch) / "raw.png"
            screenshot(page, arguments.width, height, raw)
            target = arguments.to / f"dashboard-{file.stem.removeprefix('mlflow-')}.png"
            shutil.copy(raw, target)
            for colors in (128, 96, 64, 48, 32):
                shrink = ["pngquant", "--force", "--nofs", "--speed", "1", "--strip", "--output", str(target), str(colors), str(raw)]
                subprocess.run(shrink, check=True)
                if target.stat().st_size < LARGEST:
                    break
        print(f"{target}: {target.stat().st_size // 1000} kB")
        for line in empty:
            print(f"  empty: {line}")


if __name__ == "__main__":
    main()
