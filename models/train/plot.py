"""curves.json to curves.svg: losses and vehicle AP50 over the steps. No libraries needed.

    python3 plot.py
"""

import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, HEIGHT, LEFT, TOP, GAP = 380, 220, 48, 34, 60
COLOURS = {"val": "#0b7285", "eval-video": "#e8590c", "world": "#5f3dc4"}
LOSSES = {"confidence": "#0b7285", "box": "#e8590c", "distribution": "#5f3dc4", "class": "#2b8a3e"}


def panel(x0, title, lines, low, high, last_step, marks):
    parts = [f'<text x="{x0}" y="{TOP - 14}" font-weight="bold">{title}</text>']
    place = lambda step, value: (
        x0 + WIDTH * step / last_step,
        TOP + HEIGHT * (1 - (min(max(value, low), high) - low) / (high - low)),
    )
    for i in range(5):
        value = low + (high - low) * i / 4
        _, y = place(0, value)
        parts.append(f'<path d="M{x0} {y:.1f}h{WIDTH}" stroke="#ddd"/>')
        parts.append(f'<text x="{x0 - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.2f}</text>')
    for step in range(0, last_step + 1, 5000):
        x, _ = place(step, low)
        parts.append(f'<text x="{x:.1f}" y="{TOP + HEIGHT + 16}" text-anchor="middle">{step}</text>')
    for step, text in marks:
        x, _ = place(step, low)
        parts.append(f'<path d="M{x:.1f} {TOP}v{HEIGHT}" stroke="#888" stroke-dasharray="4 3"/>')
        parts.append(f'<text x="{x + 4:.1f}" y="{TOP + HEIGHT - 6}" fill="#666">{text}</text>')
    for row, (name, (colour, points)) in enumerate(lines.items()):
        path = " ".join("%.1f,%.1f" % place(*point) for point in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x = x0 + WIDTH - 110
        y = TOP + (HEIGHT - 70 if title.startswith("Vehicle") else 14) + 15 * row
        parts.append(f'<path d="M{x} {y - 4}h16" stroke="{colour}" stroke-width="2"/><text x="{x + 22}" y="{y}">{name}</text>')
    return "".join(parts)


def main():
    with open(f"{HERE}/curves.json") as file:
        runs = json.load(file)["runs"]
    rows = [row for run in runs for row in run["rows"]]
    last = runs[0]["steps"] + runs[1]["steps"]
    marks = [(runs[0]["steps"], "run 2: with the world")]
    ap = {
        name: (colour, [(row["step"], row[name]) for row in rows if name in row]) for name, colour in COLOURS.items()
    }
    losses = {
        name: (colour, [(row["step"], row["loss"][i]) for row in rows]) for i, (name, colour) in enumerate(LOSSES.items())
    }
    total = (2 * (LEFT + WIDTH) + GAP, TOP + HEIGHT + 30)
    body = panel(LEFT, "Vehicle AP50 at 640 x 384, averaged weights", ap, 0.4, 1.0, last, marks)
    body += panel(2 * LEFT + WIDTH + GAP // 2, "Loss", losses, 0.0, 1.2, last, marks)
    with open(f"{HERE}/curves.svg", "w") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total[0]} {total[1]}" font-family="sans-serif" '
            f'font-size="11"><rect width="100%" height="100%" fill="#fff"/>{body}</svg>\n'
        )


if __name__ == "__main__":
    main()
