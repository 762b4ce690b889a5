"""Vehicle AP50 while training: a quick look. The figures that count come from `npm run bench:quality`, which runs the
deployed graph."""

import numpy as np
import torch
from torchvision.ops import box_iou, nms

from augment import letterbox
from data import ABSENT, IGNORE
from network import anchors, boxes_of, flatten

MIN_SIDE_PX = 12


@torch.no_grad()
def detect(network, pictures, index, height, width, threshold=0.02, overlap=0.55):
    """Per picture: boxes in the picture's pixels `[K,4]` and scores, best first."""
    image, content = letterbox(pictures, index, height, width)
    with torch.autocast("cuda", torch.bfloat16):
        outputs = network(image.to(memory_format=torch.channels_last))
    centres, strides = anchors(height, width, image.device)
    distributions, logits = flatten(outputs)
    boxes = boxes_of(distributions, centres, strides)
    scores = logits.amax(-1).sigmoid()
    found = []
    for at in range(len(index)):
        keep = scores[at] > threshold
        b, s = boxes[at][keep], scores[at][keep]
        keep = nms(b, s, overlap)[:300]
        b, s = b[keep], s[keep]
        x, y, w, h = content[at]
        size = pictures.sizes[index[at]].float()
        scale = torch.stack([size[0] / w, size[1] / h]).repeat(2)
        found.append(((b - torch.stack([x, y, x, y])) * scale, s))
    return found


def average_precision(rows, count):
    """COCO's: precision made monotone, read at 101 recalls. `rows`: (score, correct)."""
    if count == 0 or not rows:
        return 0.0
    rows = sorted(rows, key=lambda row: -row[0])
    correct = np.cumsum([row[1] for row in rows])
    precision = correct / np.arange(1, len(rows) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(correct / count, np.linspace(0, 1, 101), side="left")
    return float(np.mean([precision[i] if i < len(precision) else 0.0 for i in at]))


@torch.no_grad()
def vehicle_ap50(network, pictures, height, width, only=""):
    network.eval()
    rows, count = [], 0
    numbers = [i for i, name in enumerate(pictures.names) if only in name]
    for start in range(0, len(numbers), 56):
        index = torch.tensor(numbers[start : start + 56], device=pictures.sizes.device)
        for at, (boxes, scores) in zip(index.tolist(), detect(network, pictures, index, height, width)):
            labels = pictures.labels[at]
            labels = labels[labels[:, 0] != ABSENT]
            truth = labels[:, 1:]
            dont_care = ((truth[:, 2:] - truth[:, :2]).amin(-1) < MIN_SIDE_PX) | (labels[:, 0] == IGNORE)
            count += int((~dont_care).sum())
            ious = box_iou(boxes, truth).cpu().numpy() if len(truth) else np.zeros((len(boxes), 0))
            dont_care = dont_care.cpu().numpy()
            free = np.ones(len(truth), bool)
            for box, score in enumerate(scores.tolist()):
                wanted = np.where(free & ~dont_care, ious[box], 0) if len(truth) else np.zeros(1)
                best = int(wanted.argmax())
                if wanted[best] >= 0.5:
                    free[best] = False
                    rows.append((score, 1))
                elif not (len(truth) and (ious[box][dont_care] >= 0.5).any()):
                    rows.append((score, 0))
    return average_precision(rows, count)
