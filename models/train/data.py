"""YOLO-format picture sets, decoded once and kept on the GPU."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
import torch

# Pictures lie in the top left corner of squares of this size.
SIDE = 640
# Labels besides the classes 0..3.
UNKNOWN = -1  # a vehicle, but of which class nobody said
IGNORE = -2  # neither vehicle nor background: nothing is learned here
ABSENT = -3  # padding of the label table
# Of a rendered vehicle, from 0 to 1.
MAX_OCCLUSION = 0.7


@dataclass
class PictureSet:
    pictures: torch.Tensor  # uint8 [N,3,SIDE,SIDE]
    sizes: torch.Tensor  # int32 [N,2]: width, height
    labels: torch.Tensor  # float32 [N,M,5]: class, x1, y1, x2, y2 in pixels
    names: list[str]

    def __len__(self):
        return len(self.names)


def _table(root, name, kind, columns):
    """The numbers of a text file beside a picture, `[rows, columns]`; none if there is no such file."""
    path = f"{root}/{name.replace('images/', f'{kind}/').rsplit('.', 1)[0]}.txt"
    text = open(path).read().split() if os.path.exists(path) else []
    return np.array(text, np.float32).reshape(-1, columns)


def _read(root, name):
    picture = cv2.cvtColor(cv2.imread(f"{root}/{name}"), cv2.COLOR_BGR2RGB)
    height, width = picture.shape[:2]
    if max(height, width) > SIDE:
        scale = SIDE / max(height, width)
        picture = cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
        height, width = picture.shape[:2]
    square = np.zeros((SIDE, SIDE, 3), np.uint8)
    square[:height, :width] = picture
    rows = _table(root, name, "labels", 5)
    hidden = _table(root, name, "occlusion", 1)
    labels = np.zeros((len(rows), 5), np.float32)
    if len(rows):
        labels[:, 0] = rows[:, 0]
        labels[:, 1:3] = (rows[:, 1:3] - rows[:, 3:5] / 2) * (width, height)
        labels[:, 3:5] = (rows[:, 1:3] + rows[:, 3:5] / 2) * (width, height)
        if len(hidden):  # for more than 70 %: not asked for, not forbidden
            labels[hidden[:, 0] > MAX_OCCLUSION, 0] = IGNORE
    return np.ascontiguousarray(square.transpose(2, 0, 1)), labels, (width, height)


def load(root, split, device, extra=None, limit=None):
    """`extra`: name to further rows (class, x1, y1, x2, y2 in pixels), such as the teachers' boxes."""
    names = [line.strip() for line in open(f"{root}/{split}") if line.strip()][:limit]
    with ThreadPoolExecutor() as pool:
        read = list(pool.map(lambda name: _read(root, name), names))
    rows = [labels for _, labels, _ in read]
    if extra:
        rows = [np.concatenate([r, extra.get(name, np.zeros((0, 5), np.float32))]) for r, name in zip(rows, names)]
    table = np.zeros((len(names), max(1, max(len(r) for r in rows)), 5), np.float32)
    table[..., 0] = ABSENT
    for at, r in enumerate(rows):
        table[at, : len(r)] = r
    return PictureSet(
        torch.from_numpy(np.stack([p for p, _, _ in read])).to(device),
        torch.tensor([size for _, _, size in read], dtype=torch.int32, device=device),
        torch.from_numpy(table).to(device),
        names,
    )


def join(sets):
    """One set of several."""
    most = max(s.labels.shape[1] for s in sets)
    tables = []
    for s in sets:
        table = torch.full((len(s), most, 5), 0.0, device=s.labels.device)
        table[..., 0] = ABSENT
        table[:, : s.labels.shape[1]] = s.labels
        tables.append(table)
    return PictureSet(
        torch.cat([s.pictures for s in sets]),
        torch.cat([s.sizes for s in sets]),
        torch.cat(tables),
        [name for s in sets for name in s.names],
    )
