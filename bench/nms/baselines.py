#!/usr/bin/env python3
"""Times NumPy and torchvision (CPU, CUDA) on the cases of `npm run bench:nms`; whatever is not installed is left out.

usage: baselines.py CASES.json RESULTS.json
CASES:   [{"id", "boxes": FILE, "scores": FILE, "iou", "offsets": [...] or null}]; raw little-endian float32, [N,4], [N]
RESULTS: {"software": {...}, "cases": {ID: {BASELINE: {"p50Ms", "p99Ms", "runs", "kept"} or {"skipped": REASON}}}}
NumPy is suppression as it is usually written; torchvision is ops.nms (ops.batched_nms for many images). On CUDA, boxes
and scores are on the GPU before, and the kept indices stay there.
"""
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

try:
    import torch
    import torchvision.ops
except ImportError:
    torch = None

LIMIT_S = 60
START_S = 15  # to import everything, many processes at once
BUDGET_S = 0.5
MAX_RUNS = 100
# Slow cells run side by side, each in a process of its own that can be ended. Both baselines use one thread.
SIDE_BY_SIDE = os.cpu_count() or 1


def numpy_nms(boxes, scores, iou):
    x1, y1, x2, y2 = boxes.T
    areas = (x2 - x1) * (y2 - y1)
    order = np.argsort(-scores, kind="stable")
    kept = []
    while order.size > 0:
        best, rest = order[0], order[1:]
        kept.append(best)
        width = np.maximum(0, np.minimum(x2[best], x2[rest]) - np.maximum(x1[best], x1[rest]))
        height = np.maximum(0, np.minimum(y2[best], y2[rest]) - np.maximum(y1[best], y1[rest]))
        both = width * height
        order = rest[both / (areas[best] + areas[rest] - both) <= iou]
    return len(kept)


def numpy_images(boxes, scores, iou, offsets):
    return sum(numpy_nms(boxes[a:b], scores[a:b], iou) for a, b in zip(offsets, offsets[1:]))


def torchvision_images(boxes, scores, iou, images):
    if images is None:
        return torchvision.ops.nms(boxes, scores, iou)
    return torchvision.ops.batched_nms(boxes, scores, images, iou)


def timed(call):
    begin = time.perf_counter()
    kept = call()
    took = time.perf_counter() - begin
    samples = [took]
    if took < BUDGET_S:
        call()
        samples, begin = [], time.perf_counter()
        while len(samples) < MAX_RUNS and (not samples or time.perf_counter() - begin < BUDGET_S):
            before = time.perf_counter()
            kept = call()
            samples.append(time.perf_counter() - before)
    ms = np.array(samples) * 1000
    return {
        "p50Ms": float(np.median(ms)),
        "p99Ms": float(np.percentile(ms, 99, method="inverted_cdf")),
        "runs": len(samples),
        "kept": int(kept),
    }


def load(case):
    boxes = np.fromfile(case["boxes"], dtype="<f4").reshape(-1, 4)
    scores = np.fromfile(case["scores"], dtype="<f4")
    return boxes, scores, case["offsets"] or [0, len(scores)]


def image_numbers(case, offsets):
    if case["offsets"] is None:
        return None
    return torch.from_numpy(np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)))


def on_cpu(case, baseline):
    boxes, scores, offsets = load(case)
    if baseline == "numpy":
        return timed(lambda: numpy_images(boxes, scores, case["iou"], offsets))
    tensors = torch.from_numpy(boxes), torch.from_numpy(scores)
    images = image_numbers(case, offsets)
    return timed(lambda: len(torchvision_images(*tensors, case["iou"], images)))


def in_a_process(case, baseline):
    """`on_cpu` where it can be ended."""
    command = [sys.executable, __file__, "--cell", json.dumps(case), baseline]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S + START_S)
    except subprocess.TimeoutExpired:
        return {"skipped": f"> {LIMIT_S} s"}
    if done.returncode != 0:
        return {"skipped": (done.stderr.strip().splitlines() or ["failed"])[-1]}
    result = json.loads(done.stdout)
    return result if result["p50Ms"] <= LIMIT_S * 1000 else {"skipped": f"> {LIMIT_S} s"}


def on_cuda(case):
    boxes, scores, offsets = load(case)
    images = image_numbers(case, offsets)

    def call():
        kept = torchvision_images(boxes, scores, case["iou"], images)
        torch.cuda.synchronize()
        return len(kept)

    try:
        boxes, scores = torch.from_numpy(boxes).cuda(), torch.from_numpy(scores).cuda()
        images = images if images is None else images.cuda()
        return timed(call)
    except torch.cuda.OutOfMemoryError:
        return {"skipped": "out of memory"}
    except RuntimeError as error:  # a mask of more elements than it can count
        return {"skipped": "too large" if "negative dimension" in str(error) else str(error).splitlines()[0]}
    finally:
        torch.cuda.empty_cache()


def main(cases_path, results_path):
    cases = json.load(open(cases_path))
    results = {case["id"]: {} for case in cases}
    software = {"numpy": np.__version__}
    cpu = ["numpy"] + (["torchvision"] if torch else [])
    def is_slow(case):
        return load(case)[1].size >= 50_000

    for case in cases:
        if not is_slow(case):
            for baseline in cpu:
                results[case["id"]][baseline] = on_cpu(case, baseline)
    slow = [(case, baseline) for case in cases if is_slow(case) for baseline in cpu]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for (case, baseline), result in zip(slow, pool.map(lambda cell: in_a_process(*cell), slow)):
            results[case["id"]][baseline] = result
    if torch:
        software |= {"torch": torch.__version__, "torchvision": torchvision.__version__}
        if torch.cuda.is_available():
            software["gpu"] = torch.cuda.get_device_name()
            for case in cases:
                results[case["id"]]["torchvision-cuda"] = on_cuda(case)
    json.dump({"software": software, "cases": results}, open(results_path, "w"))


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--cell":
        print(json.dumps(on_cpu(json.loads(sys.argv[2]), sys.argv[3])))
    elif len(sys.argv) == 3:
        main(sys.argv[1], sys.argv[2])
    else:
        raise SystemExit(__doc__)
