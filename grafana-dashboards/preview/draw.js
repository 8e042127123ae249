// Draws what render.py asked: the kinds of panels that the dashboards use, in dark colours.
"use strict";

const COLORS = {
  green: "#5fb36a", "light-blue": "#8ab8ff", blue: "#5b8ff0", red: "#ef5365", orange: "#f59331", yellow: "#f2cc0c",
  purple: "#b36fd6", text: "#d5d7de",
};
const PALETTE = [
  "#6fb97f", "#e6b84a", "#66bfd6", "#e8804f", "#5b8ff0", "#d0628f", "#9a7fd8", "#a8c256", "#4fa8a0", "#c9935f",
  "#8aa0c8", "#d9d06a",
];
const INK = "#d5d7de", FAINT = "#8b8f9c", LINE = "#2c2f38", PANEL = "#181b20", PAGE = "#0f1116";
const ROW = 36, GAP = 6, HEAD = 84;

// Text and numbers

const measure = document.createElement("canvas").getContext("2d");
function widthOf(text, size, weight = 400) {
  measure.font = `${weight} ${size}px Inter, "DejaVu Sans", sans-serif`;
  return measure.measureText(text).width;
}
function fitted(text, size, room) {
  if (widthOf(text, size) <= room) return text;
  let end = text.length;
  while (end > 1 && widthOf(text.slice(0, end) + "…", size) > room) end--;
  return text.slice(0, end) + "…";
}
function digits(value, decimals) {
  if (decimals !== undefined) return decimals;
  const size = Math.abs(value);
  return size === 0 || size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : Math.min(6, 2 - Math.floor(Math.log10(size)));
}
function scaled(value, base, units, decimals) {
  let power = 0;
  while (Math.abs(value) >= base && power < units.length - 1) { value /= base; power++; }
  return value.toLocaleString("en", { maximumFractionDigits: digits(value, decimals), minimumFractionDigits: 0 }) + units[power];
}
function duration(seconds, decimals) {
  const units = [[31536000, " years"], [604800, " weeks"], [86400, " days"], [3600, " hours"], [60, " mins"], [1, " s "]];
  const size = Math.abs(seconds);
  if (size < 1 && size > 0) return scaled(seconds * 1000, 1e9, [" ms"], decimals);
  for (const [length, name] of units) {
    if (size >= length) {
      const value = seconds / length;
      const text = value.toLocaleString("en", { maximumFractionDigits: decimals ?? (value >= 10 ? 1 : 2) });
      return (text + (text === "1" ? name.replace(/(?<=\w\w)s$/, "") : name)).trimEnd();
    }
  }
  return "0 s";
}
function format(value, unit, decimals) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  switch (unit) {
    case "locale": return value.toLocaleString("en", { minimumFractionDigits: decimals ?? 0, maximumFractionDigits: digits(value, decimals), signDisplay: "negative" });
    case "percentunit": return (value * 100).toLocaleString("en", { maximumFractionDigits: decimals ?? 1 }) + " %";
    case "s": return duration(value, decimals);
    case "dateTimeFromNow": return duration(DATA.end - value / 1000, 0) + " ago";
    case "dateTimeAsSystem": return new Date(value).toISOString().slice(0, 16).replace("T", " ");
    case "bytes": return scaled(value, 1024, [" B", " KiB", " MiB", " GiB"], decimals);
    case "Bps": return scaled(value, 1000, [" B/s", " kB/s", " MB/s"], decimals);
    case "reqps": return scaled(value, 1e9, [" req/s"], decimals);
    case "watt": return scaled(value, 1000, [" W", " kW"], decimals);
    case "kwatth": return scaled(value, 1000, [" kWh", " MWh"], decimals);
    case "massg": return scaled(value, 1000, [" g", " kg", " t"], decimals);
    case "bool_yes_no": return value ? "Yes" : "No";
    case "none": return value.toLocaleString("en", { maximumFractionDigits: digits(value, decimals), useGrouping: false });
    default: return scaled(value, 1000, ["", " K", " Mil", " Bil"], decimals);
  }
}

// SVG

function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  for (const child of children) node.append(child);
  return node;
}
function text(x, y, content, { size = 12, color = INK, anchor = "start", weight = 400 } = {}) {
  return svg("text", { x, y, fill: color, "font-size": size, "text-anchor": anchor, "font-weight": weight }, content);
}

// Fields

// A name has the same colour in all panels of a picture: the next free one where it first appears.
const named = new Map();
function indexOf(name) {
  if (!named.has(name)) named.set(name, named.size);
  return named.get(name);
}
function legendOf(template, labels) {
  return template.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => labels[label] ?? "").trim();
}
function thresholdColor(thresholds, value) {
  let color = "text";
  for (const step of thresholds.steps) if (step.value === null || value >= step.value) color = step.color;
  return COLORS[color] ?? color;
}
function overrideOf(panel, name, id) {
  for (const one of panel.fieldConfig.overrides) {
    if (one.matcher.options === name) {
      for (const property of one.properties) if (property.id === id) return property.value;
    }
  }
  return undefined;
}
function colorOf(panel, name, index, value) {
  const fixed = overrideOf(panel, name, "color");
  if (fixed?.fixedColor) return COLORS[fixed.fixedColor] ?? fixed.fixedColor;
  const mode = panel.fieldConfig.defaults.color.mode;
  if (mode === "thresholds") {
    const mapped = panel.fieldConfig.defaults.mappings[0]?.options[String(value)];
    return mapped ? COLORS[mapped.color] : thresholdColor(panel.fieldConfig.defaults.thresholds, value);
  }
  return PALETTE[(mode.endsWith("by-name") ? indexOf(name) : index) % PALETTE.length];
}
function shown(panel, value) {
  const { unit, decimals, mappings } = panel.fieldConfig.defaults;
  return mappings[0]?.options[String(value)]?.text ?? format(value, unit, decimals);
}
/** All series of a panel, with names and points, instants too. */
function seriesOf({ panel, answers }) {
  const all = [];
  answers.forEach((answer, i) => {
    for (const one of answer.data.result) {
      const points = (one.values ?? [one.value]).map(([t, v]) => [t, Number(v)]).filter(([, v]) => !Number.isNaN(v));
      if (points.length === 0) continue;
      all.push({ name: legendOf(panel.targets[i].legendFormat, one.metric), points, step: answer.step, last: points.at(-1)[1], labels: one.metric });
    }
  });
  all.forEach((one, i) => { one.color = colorOf(panel, one.name, i, one.last); });
  return all;
}

// Kinds

function nothing(box) {
  return [text(box.x + box.w / 2, box.y + box.h / 2, "No data", { anchor: "middle", color: FAINT })];
}

function stat(one, box) {
  const series = seriesOf(one);
  if (series.length === 0) return nothing(box);
  const out = [], each = box.w / series.length;
  series.forEach((s, i) => {
    const x = box.x + i * each;
    const label = one.panel.options.textMode === "name" ? s.name : shown(one.panel, s.last);
    const size = Math.min(38, box.h * 0.52, (each - 16) / Math.max(1, widthOf(label, 1, 500)));
    if (one.panel.options.graphMode === "area" && s.points.length > 1) {
      const values = s.points.map(([, v]) => v), top = Math.max(...values), low = Math.min(...values);
      const y = v => box.y + box.h - (top > low ? (v - low) / (top - low) : 0.3) * box.h * 0.35;
      const px = t => x + (t - DATA.start) / (DATA.end - DATA.start) * each;
      const line = s.points.map(([t, v]) => `${px(t).toFixed(1)},${y(v).toFixed(1)}`).join(" ");
      out.push(svg("polygon", { points: `${px(s.points[0][0])},${box.y + box.h} ${line} ${px(s.points.at(-1)[0])},${box.y + box.h}`, fill: s.color, opacity: 0.14 }));
      out.push(svg("polyline", { points: line, fill: "none", stroke: s.color, opacity: 0.6 }));
    }
    out.push(text(x + each / 2, box.y + box.h / 2 + size * 0.36, label, { size, color: s.color, anchor: "middle", weight: 500 }));
  });
  return out;
}

function gauge(one, box) {
  const series = seriesOf(one);
  if (series.length === 0) return nothing(box);
  const { min = 0, max = 1, thresholds } = one.panel.fieldConfig.defaults;
  const out = [], each = box.w / series.length;
  series.forEach((s, i) => {
    const label = series.length > 1 ? 16 : 0;
    const radius = Math.min(each / 2 - 12, (box.h - label) * 0.62);
    const cx = box.x + (i + 0.5) * each, cy = box.y + radius + 6 + Math.max(0, (box.h - label - radius * 1.45) / 2);
    const arc = (from, to, r, width, color) => {
      const at = part => { const a = Math.PI * (0.9 + 1.2 * part); return `${(cx + r * Math.cos(a)).toFixed(1)},${(cy + r * Math.sin(a)).toFixed(1)}`; };
      return svg("path", { d: `M${at(from)} A${r},${r} 0 ${(to - from) * 1.2 > 1 ? 1 : 0} 1 ${at(to)}`, fill: "none", stroke: color, "stroke-width": width });
    };
    const part = Math.max(0.001, Math.min(1, (s.last - min) / (max - min)));
    out.push(arc(0, 1, radius - 10, radius * 0.26, LINE), arc(0, part, radius - 10, radius * 0.26, s.color));
    thresholds.steps.forEach((step, k) => {
      const from = Math.max(0, ((step.value ?? min) - min) / (max - min)), to = Math.min(1, ((thresholds.steps[k + 1]?.value ?? max) - min) / (max - min));
      if (to > from) out.push(arc(from, to, radius + radius * 0.13 - 6, 3, COLORS[step.color]));
    });
    out.push(text(cx, cy + 4, shown(one.panel, s.last), { size: Math.min(Math.max(13, radius * 0.36), radius * 1.1 / widthOf(shown(one.panel, s.last), 1, 500)), color: s.color, anchor: "middle", weight: 500 }));
    if (label) out.push(text(cx, box.y + box.h - 3, s.name, { anchor: "middle", color: FAINT }));
  });
  return out;
}

function bars(one, box) {
  const series = seriesOf(one);
  if (series.length === 0) return nothing(box);
  const { min = 0, max } = one.panel.fieldConfig.defaults;
  const top = max ?? Math.max(...series.map(s => s.last), 1e-12);
  const each = Math.min(38, box.h / series.length), high = Math.min(20, each * 0.62);
  const names = Math.min(box.w * 0.56, Math.max(...series.map(s => widthOf(s.name, 12))) + 10);
  const values = Math.max(...series.map(s => widthOf(shown(one.panel, s.last), 12, 500))) + 10;
  const out = [];
  series.forEach((s, i) => {
    const y = box.y + i * each + each / 2, x = box.x + names, room = box.w - names - values;
    out.push(text(x - 8, y + 4, fitted(s.name, 12, names - 8), { anchor: "end" }));
    out.push(svg("rect", { x, y: y - high / 2, width: room, height: high, fill: "#22252c", rx: 2 }));
    const length = Math.max(1, Math.min(1, (s.last - min) / (top - min)) * room);
    out.push(svg("rect", { x, y: y - high / 2, width: length, height: high, fill: s.color, opacity: 0.85, rx: 2 }));
    out.push(text(box.x + box.w - 2, y + 4, shown(one.panel, s.last), { anchor: "end", color: s.color === COLORS.blue ? INK : s.color, weight: 500 }));
  });
  return out;
}

function pie(one, box) {
  const series = seriesOf(one).filter(s => s.last > 0).sort((a, b) => b.last - a.last);
  if (series.length === 0) return nothing(box);
  const total = series.reduce((sum, s) => sum + s.last, 0);
  const radius = Math.min(box.h / 2 - 6, box.w * 0.22), cx = box.x + radius + 12, cy = box.y + box.h / 2;
  const out = [];
  let from = -Math.PI / 2;
  for (const s of series) {
    const to = from + Math.min(0.9999, s.last / total) * 2 * Math.PI;
    const at = (a, r) => `${(cx + r * Math.cos(a)).toFixed(2)},${(cy + r * Math.sin(a)).toFixed(2)}`;
    const large = to - from > Math.PI ? 1 : 0, inner = radius * 0.62;
    out.push(svg("path", { d: `M${at(from, radius)} A${radius},${radius} 0 ${large} 1 ${at(to, radius)} L${at(to, inner)} A${inner},${inner} 0 ${large} 0 ${at(from, inner)} Z`, fill: s.color, stroke: PANEL }));
    from = to;
  }
  const x = cx + radius + 16, high = Math.min(22, box.h / series.length), y0 = cy - high * series.length / 2;
  series.forEach((s, i) => {
    const y = y0 + (i + 0.5) * high + 4;
    out.push(svg("rect", { x, y: y - 7, width: 14, height: 4, fill: s.color, rx: 2 }));
    out.push(text(x + 20, y, fitted(s.name, 12, box.x + box.w - x - 64 - widthOf(shown(one.panel, s.last), 12))));
    out.push(text(box.x + box.w - 40, y, shown(one.panel, s.last), { anchor: "end" }));
    out.push(text(box.x + box.w - 4, y, Math.round(s.last / total * 100) + " %", { anchor: "end", color: FAINT }));
  });
  return out;
}

function niceTicks(low, high, many) {
  const raw = (high - low) / many || 1, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map(f => f * power).find(f => f >= raw);
  const ticks = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-6; v += step) ticks.push(Math.abs(v) < step * 1e-6 ? 0 : v);
  return ticks;
}
/** Ticks of a scale of seconds or bytes at round ones. */
function ticksFor(unit, low, high, many) {
  const length = unit === "s" ? [604800, 86400, 3600, 60, 1].find(l => high - low >= 2 * l) ?? 1 : 1;
  return niceTicks(low / length, high / length, many).map(v => v * length);
}
function timeTicks(start, end) {
  const step = [300, 900, 3600, 10800, 21600, 43200, 86400, 172800, 432000, 604800].find(s => (end - start) / s <= 7) ?? 1209600;
  const ticks = [];
  for (let t = Math.ceil(start / step) * step; t <= end; t += step) ticks.push(t);
  return ticks.map(t => [t, new Date(t * 1000).toISOString().slice(...(step >= 86400 ? [5, 10] : [11, 16]))]);
}

function legend(entries, box) {
  const rows = [[]];
  let x = 0;
  for (const [name, color] of entries) {
    const label = fitted(name, 11, 220), width = widthOf(label, 11) + 30;
    if (x + width > box.w && x > 0) { rows.push([]); x = 0; }
    rows.at(-1).push([label, color, x]);
    x += width;
  }
  const kept = rows.slice(0, 2), out = [];
  kept.forEach((row, i) => {
    const y = box.y + box.h - (kept.length - 1 - i) * 16 - 3;
    for (const [label, color, at] of row) {
      out.push(svg("rect", { x: box.x + at, y: y - 7, width: 14, height: 4, fill: color, rx: 2 }));
      out.push(text(box.x + at + 19, y, label, { size: 11, color: FAINT }));
    }
  });
  return [out, kept.length * 16 + 4];
}

/** The frame of a plot over time: scales, grid and axes. */
function frame(box, low, high, unit, decimals, log) {
  const span = high - low, places = unit === "locale" && decimals === 0 && span < 8 && !log && Number.isInteger(high) ? 0 : undefined;
  const ticks = log
    ? [1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7].filter(v => v >= low && v <= high)
    : ticksFor(unit, low, high, box.h < 120 ? 3 : 5).filter(v => places !== 0 || Number.isInteger(v));
  const fine = unit === "percentunit" ? Math.max(0, Math.ceil(-Math.log10(span * 100 / 5) + 0.3)) : unit === "locale" && span >= 5 && ticks.every(Number.isInteger) ? 0 : undefined;
  const label = v => format(v, unit, fine);
  const left = Math.max(...ticks.map(v => widthOf(label(v), 11)), 10) + 8;
  const plot = { x: box.x + left, y: box.y + 4, w: box.w - left - 4, h: box.h - 22 };
  const x = t => plot.x + (t - DATA.start) / (DATA.end - DATA.start) * plot.w;
  const part = v => log ? Math.log(v / low) / Math.log(high / low) : (v - low) / (high - low || 1);
  const y = v => plot.y + plot.h - Math.max(0, Math.min(1, part(v))) * plot.h;
  const out = [];
  for (const v of ticks) {
    out.push(svg("line", { x1: plot.x, x2: plot.x + plot.w, y1: y(v), y2: y(v), stroke: LINE }));
    out.push(text(plot.x - 6, y(v) + 4, label(v), { size: 11, color: FAINT, anchor: "end" }));
  }
  for (const [t, name] of timeTicks(DATA.start, DATA.end)) {
    out.push(svg("line", { x1: x(t), x2: x(t), y1: plot.y, y2: plot.y + plot.h, stroke: LINE, opacity: 0.6 }));
    if (x(t) > plot.x + 12 && x(t) < plot.x + plot.w - 12) out.push(text(x(t), plot.y + plot.h + 15, name, { size: 11, color: FAINT, anchor: "middle" }));
  }
  return { plot, x, y, out };
}

function timeseries(one, box) {
  const { panel } = one, series = seriesOf(one);
  if (series.length === 0) return nothing(box);
  const custom = panel.fieldConfig.defaults.custom, { unit, decimals, min, max } = panel.fieldConfig.defaults;
  let room = box, bottom = [];
  if (panel.options.legend.showLegend) {
    const entries = new Map(series.map(s => [s.name, s.color]));
    const [drawn, high] = legend([...entries], box);
    bottom = drawn;
    room = { ...box, h: box.h - high };
  }
  const stacked = custom.stacking.mode === "normal", sums = new Map();
  if (stacked) {
    for (const s of series) {
      s.stack = s.points.map(([t, v]) => { const from = sums.get(t) ?? 0; sums.set(t, from + v); return [t, from, from + v]; });
    }
  }
  const values = stacked ? [...sums.values()] : series.flatMap(s => s.points.map(([, v]) => v));
  const log = custom.scaleDistribution.type === "log";
  let low = min ?? Math.min(...values), high = max ?? Math.max(...values);
  if (log) {
    low = 10 ** Math.floor(Math.log10(Math.max(1e-3, Math.min(...values.filter(v => v > 0)))));
    high = 10 ** Math.ceil(Math.log10(high) + 1e-9);
  } else {
    if (high === low) { high = low + (Math.abs(low) || 1); if (min === undefined) low -= Math.abs(low) * 0.1; }
    if (max === undefined) high += (high - low) * 0.06;
    if (min === undefined && low > 0 && low < (high - low)) low = 0;
  }
  const { plot, x, y, out } = frame(room, low, high, unit, decimals, log);
  for (const mark of DATA.marks) out.push(svg("line", { x1: x(mark), x2: x(mark), y1: plot.y, y2: plot.y + plot.h, stroke: COLORS.blue, "stroke-dasharray": "2 4", opacity: 0.45 }));
  for (const s of series) {
    if (custom.drawStyle === "bars") {
      const width = Math.max(1, s.step / (DATA.end - DATA.start) * plot.w * 0.8);
      (s.stack ?? s.points.map(([t, v]) => [t, 0, v])).forEach(([t, from, to]) => {
        if (to > from) out.push(svg("rect", { x: Math.max(plot.x, x(t) - width / 2), y: y(to), width, height: Math.max(0.5, y(from) - y(to)), fill: s.color, opacity: 0.85 }));
      });
    } else if (custom.drawStyle === "points") {
      for (const [t, v] of s.points) out.push(svg("circle", { cx: x(t), cy: y(v), r: 3.4, fill: s.color, opacity: 0.85 }));
    } else {
      // A gap in the points is a gap in the line.
      const runs = [];
      s.points.forEach(([t, v], i) => {
        if (i === 0 || t - s.points[i - 1][0] > s.step * 1.5) runs.push([]);
        runs.at(-1).push(i);
      });
      for (const run of runs) {
        const at = run.map(i => [s.points[i][0], s.stack ? s.stack[i][2] : s.points[i][1], s.stack ? s.stack[i][1] : low]);
        const steps = custom.lineInterpolation === "stepAfter";
        const path = column => at.map((p, k) => (steps && k > 0 ? `${x(p[0]).toFixed(1)},${y(at[k - 1][column]).toFixed(1)} ` : "") + `${x(p[0]).toFixed(1)},${y(p[column]).toFixed(1)}`);
        out.push(svg("polygon", { points: [...path(1), ...path(2).reverse().map(p => p.split(" ").reverse().join(" "))].join(" "), fill: s.color, opacity: custom.fillOpacity / 100 }));
        out.push(svg("polyline", { points: path(1).join(" "), fill: "none", stroke: s.color, "stroke-width": 1.5 }));
        if (at.length === 1) out.push(svg("circle", { cx: x(at[0][0]), cy: y(at[0][1]), r: 2.5, fill: s.color }));
      }
    }
  }
  for (const answer of one.answers) {
    for (const e of (answer.exemplars ?? []).flatMap(group => group.exemplars)) {
      const v = Number(e.value);
      if (v <= high && v >= low) out.push(svg("rect", { x: -3, y: -3, width: 6, height: 6, fill: COLORS.blue, opacity: 0.9, transform: `translate(${x(e.timestamp)},${y(v)}) rotate(45)` }));
    }
  }
  return [...out, ...bottom];
}

function heat(one, box) {
  const buckets = one.answers[0].data.result
    .map(r => ({ le: Number(r.metric.le.replace("+Inf", "Infinity")), points: new Map(r.values.map(([t, v]) => [t, Number(v)])) }))
    .sort((a, b) => a.le - b.le);
  const times = [...new Set(buckets.flatMap(b => [...b.points.keys()]))].sort((a, b) => a - b);
  const cells = [];
  buckets.forEach((b, i) => {
    for (const t of times) {
      const count = (b.points.get(t) ?? 0) - (i > 0 ? buckets[i - 1].points.get(t) ?? 0 : 0);
      if (count > 1e-6 && b.points.has(t)) cells.push({ t, i, count });
    }
  });
  if (cells.length === 0) return nothing(box);
  const used = cells.map(c => c.i), first = Math.max(0, Math.min(...used) - 1), last = Math.min(buckets.length - 1, Math.max(...used) + 1);
  const rows = last - first + 1, left = 62, plot = { x: box.x + left, y: box.y + 4, w: box.w - left - 4, h: box.h - 24 };
  const high = plot.h / rows, x = t => plot.x + (t - DATA.start) / (DATA.end - DATA.start) * plot.w;
  const width = Math.max(2, one.answers[0].step / (DATA.end - DATA.start) * plot.w - 1);
  const top = Math.max(...cells.map(c => c.count)), out = [];
  for (let i = first; i <= last; i++) {
    const y = plot.y + plot.h - (i - first + 1) * high;
    out.push(text(plot.x - 6, y + 4, buckets[i].le === Infinity ? "+Inf" : duration(buckets[i].le), { size: 11, color: FAINT, anchor: "end" }));
    out.push(svg("line", { x1: plot.x, x2: plot.x + plot.w, y1: y, y2: y, stroke: LINE, opacity: 0.5 }));
  }
  for (const [t, name] of timeTicks(DATA.start, DATA.end)) {
    if (x(t) > plot.x + 12 && x(t) < plot.x + plot.w - 12) out.push(text(x(t), plot.y + plot.h + 16, name, { size: 11, color: FAINT, anchor: "middle" }));
  }
  for (const c of cells) {
    const strong = Math.sqrt(c.count / top);
    const color = `hsl(${32 - 14 * strong}, ${60 + 30 * strong}%, ${24 + 38 * strong}%)`;
    out.push(svg("rect", { x: Math.max(plot.x, x(c.t) - width), y: plot.y + plot.h - (c.i - first + 1) * high + 1, width, height: high - 1, fill: color }));
  }
  for (const e of (one.answers[0].exemplars ?? []).flatMap(group => group.exemplars)) {
    const i = buckets.findIndex(b => Number(e.value) <= b.le), below = i > 0 ? buckets[i - 1].le : 0;
    if (e.timestamp < DATA.start || i < first || i > last) continue;
    const within = buckets[i].le === Infinity ? 0.5 : (Number(e.value) - below) / (buckets[i].le - below);
    const y = plot.y + plot.h - (i - first + within) * high;
    out.push(svg("rect", { x: -3, y: -3, width: 6, height: 6, fill: COLORS.blue, transform: `translate(${x(e.timestamp)},${y}) rotate(45)` }));
  }
  return out;
}

function table(one, box) {
  const { panel, answers } = one;
  const organize = panel.transformations.find(t => t.id === "organize").options;
  const rows = new Map();
  answers.forEach((answer, i) => {
    const field = answers.length === 1 ? "Value" : `Value #${panel.targets[i].refId}`;
    for (const series of answer.data.result) {
      const { __name__, ...labels } = series.metric;
      const key = JSON.stringify(Object.entries(labels).sort());
      if (!rows.has(key)) rows.set(key, { ...labels });
      rows.get(key)[field] = Number(series.value[1]);
    }
  });
  let data = [...rows.values()];
  if (data.length === 0) return nothing(box);
  const fields = Object.keys(organize.indexByName).filter(f => !organize.excludeByName[f] && data.some(row => f in row));
  const name = f => organize.renameByName[f] ?? f, numeric = f => f.startsWith("Value");
  const sort = panel.options.sortBy?.[0];
  if (sort) {
    const f = fields.find(one => name(one) === sort.displayName);
    const order = v => v === undefined || Number.isNaN(v) ? -Infinity : v;
    data.sort((a, b) => (order(a[f]) < order(b[f]) ? 1 : order(a[f]) > order(b[f]) ? -1 : 0) * (sort.desc ? 1 : -1));
  }
  const defaults = panel.fieldConfig.defaults;
  const cell = (row, f) => numeric(f)
    ? format(row[f], overrideOf(panel, name(f), "unit") ?? defaults.unit, overrideOf(panel, name(f), "decimals") ?? defaults.decimals)
    : row[f] ?? "";
  const high = 26, most = Math.floor((box.h - high) / high);
  data = data.slice(0, most);
  const wanted = fields.map(f => Math.max(widthOf(name(f), 12, 500), ...data.map(row => widthOf(cell(row, f), 12))) + 18);
  const fixed = fields.map(f => overrideOf(panel, name(f), "custom.width"));
  const sum = all => all.reduce((a, b) => a + (b ?? 0), 0);
  const room = (box.w - sum(fixed)) / sum(wanted.filter((_, i) => !fixed[i]));
  const widths = wanted.map((w, i) => fixed[i] ?? w * room), out = [];
  let x = box.x;
  fields.forEach((f, i) => {
    const right = numeric(f), at = right ? x + widths[i] - 8 : x + 6, anchor = right ? "end" : "start";
    out.push(text(at, box.y + 17, fitted(name(f), 12, widths[i] - 10), { color: "#8ab8ff", anchor, weight: 500 }));
    data.forEach((row, k) => {
      const thresholds = overrideOf(panel, name(f), "thresholds");
      const links = overrideOf(panel, name(f), "links");
      const color = thresholds && row[f] !== undefined ? thresholdColor(thresholds, row[f]) : links ? "#8ab8ff" : INK;
      out.push(text(at, box.y + (k + 1) * high + 17, fitted(cell(row, f), 12, widths[i] - 10), { color, anchor }));
    });
    x += widths[i];
  });
  for (let k = 0; k <= data.length; k++) out.push(svg("line", { x1: box.x, x2: box.x + box.w, y1: box.y + (k + 1) * high, y2: box.y + (k + 1) * high, stroke: LINE }));
  return out;
}

const DRAW = { stat, gauge, bargauge: bars, piechart: pie, timeseries, heatmap: heat, table };

// The page

document.body.style.cssText = `margin:0;background:${PAGE}`;
const lowest = Math.max(...DATA.panels.map(({ panel: { gridPos: g } }) => g.y + g.h));
const page = svg("svg", { width: DATA.width, height: HEAD + lowest * ROW + GAP, "font-family": 'Inter, "DejaVu Sans", sans-serif' });
page.append(svg("rect", { width: "100%", height: "100%", fill: PAGE }));
page.append(text(14, 30, DATA.title, { size: 18, weight: 600 }));
const days = t => new Date(t * 1000).toISOString().slice(0, 16).replace("T", " ");
page.append(text(DATA.width - 14, 30, `${days(DATA.start)}  –  ${days(DATA.end)} UTC`, { color: FAINT, anchor: "end" }));
let at = 14;
for (const { label, value } of DATA.variables) {
  const width = widthOf(label, 12) + widthOf(value, 12, 500) + 30;
  page.append(svg("rect", { x: at, y: 46, width, height: 26, fill: PANEL, stroke: LINE, rx: 3 }));
  page.append(text(at + 9, 63, label, { color: FAINT }), text(at + width - 9, 63, value, { anchor: "end", weight: 500 }));
  at += width + 8;
}
for (const one of DATA.panels) {
  const { panel } = one, g = panel.gridPos, unit = (DATA.width - 2 * GAP) / 24;
  const x = GAP + g.x * unit + GAP / 2, y = HEAD + g.y * ROW, w = g.w * unit - GAP, h = g.h * ROW - GAP;
  if (panel.type === "row") {
    page.append(text(x + 8, y + 21, `⌄  ${panel.title}`, { size: 14, weight: 600 }));
    continue;
  }
  page.append(svg("rect", { x, y, width: w, height: h, fill: PANEL, stroke: LINE, rx: 3 }));
  page.append(text(x + 10, y + 20, fitted(panel.title, 13, w - 20), { size: 13, weight: 500 }));
  const clip = `c${panel.id}-${g.x}-${g.y}`;
  page.append(svg("clipPath", { id: clip }, svg("rect", { x, y, width: w, height: h })));
  const group = svg("g", { "clip-path": `url(#${clip})` });
  group.append(...DRAW[panel.type](one, { x: x + 10, y: y + 32, w: w - 20, h: h - 40 }));
  page.append(group);
}
document.body.append(page);
