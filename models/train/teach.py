"""Boxes of a teacher for pictures whose labels are incomplete (photographs with unlabelled vehicles in the background).

    python3 teach.py --real DIR --teacher person-vehicle-bike-detection-2003.fp16.onnx --out pseudo.npz

The teacher (Intel Open Model Zoo, Apache-2.0) sees each training picture whole, mirrored, and in four overlapping
enlarged tiles. A box that no label covers becomes a vehicle of unknown class if the teacher is sure, and otherwise a
region where nothing is learned.
"""

import argparse
import time
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import onnxruntime

from data import IGNORE, UNKNOWN

SURE = 0.55
POSSIBLE = 0.2


def iou(a, b):
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    overlap = (high - low).clip(0).prod(-1)
    area = lambda x: (x[:, 2:] - x[:, :2]).prod(-1)
    return overlap / (area(a)[:, None] + area(b)[None] - overlap + 1e-9), overlap / (area(a)[:, None] + 1e-9)


def suppress(boxes, scores, limit=0.5):
    kept = []
    order = list(np.argsort(-scores))
    while order:
        best = order.pop(0)
        kept.append(best)
        if order:
            overlap, inside = iou(boxes[order], boxes[[best]])
            order = [o for o, v, w in zip(order, overlap[:, 0], inside[:, 0]) if v < limit and w < 0.8]
    return kept


class Teacher:
    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def __call__(self, picture):
        """Boxes in the picture's pixels and scores of one BGR picture."""
        height, width = picture.shape[:2]
        stretched = cv2.resize(picture, (864, 480)).transpose(2, 0, 1)[None].astype(np.float32)
        boxes, scores = self.session.run(["boxes", "scores"], {"image": stretched})
        keep = scores[0, :, 0] >= POSSIBLE
        return boxes[0][keep] * np.array([width / 864, height / 480] * 2), scores[0, keep, 0]


def look(teacher, picture):
    height, width = picture.shape[:2]
    found = [teacher(picture)]
    boxes, scores = teacher(np.ascontiguousarray(picture[:, ::-1]))
    found.append((np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], -1), scores))
    w, h = round(width * 0.6), round(height * 0.6)
    for x in (0, width - w):
        for y in (0, height - h):
            boxes, scores = teacher(np.ascontiguousarray(picture[y : y + h, x : x + w]))
            # Not those that the tile's edge may have cut.
            cut = np.zeros(len(boxes), bool)
            for axis, (start, size, whole) in enumerate(((x, w, width), (y, h, height))):
                cut |= (boxes[:, axis] < 3) & (start > 0)
                cut |= (boxes[:, axis + 2] > size - 3) & (start + size < whole)
            found.append((boxes[~cut] + (x, y, x, y), scores[~cut]))
    boxes, scores = np.concatenate([b for b, _ in found]), np.concatenate([s for _, s in found])
    kept = suppress(boxes, scores)
    return boxes[kept], scores[kept]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--real", required=True)
    arguments.add_argument("--split", default="train.txt")
    arguments.add_argument("--teacher", required=True)
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--workers", type=int, default=7)
    options = arguments.parse_args()
    began = time.time()
    names = [line.strip() for line in open(f"{options.real}/{options.split}") if line.strip()]
    teacher = Teacher(options.teacher)

    def rows_of(name):
        picture = cv2.imread(f"{options.real}/{name}")
        height, width = picture.shape[:2]
        path = f"{options.real}/{name.replace('images/', 'labels/').rsplit('.', 1)[0]}.txt"
        labels = np.loadtxt(path, ndmin=2).reshape(-1, 5)
        truth = np.concatenate([labels[:, 1:3] - labels[:, 3:] / 2, labels[:, 1:3] + labels[:, 3:] / 2], 1)
        truth *= (width, height, width, height)
        boxes, scores = look(teacher, picture)
        if len(boxes) and len(truth):
            overlap, inside = iou(boxes, truth)
            _, covers = iou(truth, boxes)
            free = (overlap.max(1) < 0.4) & (inside.max(1) < 0.6) & (covers.max(0) < 0.6)
            boxes, scores = boxes[free], scores[free]
        kinds = np.where(scores >= SURE, UNKNOWN, IGNORE)
        return np.concatenate([kinds[:, None], boxes], 1).astype(np.float32).reshape(-1, 5)

    with ThreadPoolExecutor(options.workers) as pool:
        rows = list(pool.map(rows_of, names))
    np.savez_compressed(options.out, **dict(zip(names, rows)))
    count = lambda kind: sum(int((r[:, 0] == kind).sum()) for r in rows)
    print(f"{len(names)} pictures: {count(UNKNOWN)} more vehicles, {count(IGNORE)} regions to ignore, "
          f"{time.time() - began:.0f} s", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
