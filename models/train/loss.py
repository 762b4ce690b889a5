"""Which cells answer for which vehicle, and what they should have said.

Assignment is task-aligned (TOOD, arXiv:2108.07755): the cells of a box with the best `score^a * IoU^b` are its own.
The score to learn is the cell's alignment, scaled to the box's best IoU.

A cell's confidence is its largest logit, since that is what the deployed graph takes; the class is learned by
cross-entropy over the four logits, at cells that belong to a vehicle of known class. So an ambiguous van keeps its full
confidence as a vehicle.
"""

import torch
import torch.nn.functional as F

from data import IGNORE, UNKNOWN
from network import BINS

TOP_K = 10
SCORE_POWER = 0.5
IOU_POWER = 4.0
# A cell this near to the centre (in cells of the finest grid) may answer for a box that contains no cell's centre.
NEAR = 0.8


def _area(x1, y1, x2, y2):
    return (x2 - x1).clamp(min=0) * (y2 - y1).clamp(min=0)


def pair_iou(a, b):
    """IoU of corners `[...,4]`, broadcast."""
    ax1, ay1, ax2, ay2 = a.unbind(-1)
    bx1, by1, bx2, by2 = b.unbind(-1)
    overlap = _area(torch.maximum(ax1, bx1), torch.maximum(ay1, by1), torch.minimum(ax2, bx2), torch.minimum(ay2, by2))
    return overlap / (_area(ax1, ay1, ax2, ay2) + _area(bx1, by1, bx2, by2) - overlap + 1e-6)


def generalised_iou(a, b):
    """IoU less the share of the hull that neither fills (arXiv:1902.09630)."""
    iou = pair_iou(a, b)
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).prod(-1) + 1e-6
    areas = _area(*a.unbind(-1)) + _area(*b.unbind(-1))
    union = areas / (1 + iou)
    return iou - (hull - union) / hull


@torch.no_grad()
def assign(confidence, boxes, centres, strides, labels):
    """For each cell `[B,N]`: the index of its vehicle (-1: none), the score to learn, and whether to learn nothing."""
    kinds, truth = labels[..., 0], labels[..., 1:]
    real = kinds >= UNKNOWN
    x, y = centres[:, 0], centres[:, 1]
    t = truth[:, :, None]
    inside = (x > t[..., 0]) & (x < t[..., 2]) & (y > t[..., 1]) & (y < t[..., 3])  # [B,M,N]
    middle = (truth[..., :2] + truth[..., 2:]) / 2
    away = torch.maximum((x - middle[..., None, 0]).abs(), (y - middle[..., None, 1]).abs())
    finest = strides == strides[0]
    candidates = (inside | ((away < NEAR * strides) & finest)) & real[..., None]
    iou = pair_iou(boxes[:, None], t)
    alignment = (confidence[:, None] ** SCORE_POWER * iou**IOU_POWER + 1e-9) * candidates
    best = alignment.topk(TOP_K, -1)
    chosen = torch.zeros_like(candidates).scatter_(-1, best.indices, best.values > 0)
    # A cell belongs to one vehicle.
    alignment = alignment * chosen
    value, owner = alignment.max(1)
    taken = value > 0
    # Alignment, scaled per vehicle so that its best cell learns the IoU that the vehicle's best cell has.
    peak = alignment.amax(-1)
    peak_iou = (iou * chosen).amax(-1)
    score = value / (peak.gather(1, owner) + 1e-9) * peak_iou.gather(1, owner) * taken
    skip = (inside & (kinds == IGNORE)[..., None]).any(1) & ~taken
    return torch.where(taken, owner, -1), score.clamp(0, 1), skip


def loss(distributions, logits, boxes, centres, strides, labels):
    """Sum to descend, and its parts for the log."""
    confidence_logit = logits.amax(-1)
    owner, score, skip = assign(confidence_logit.sigmoid(), boxes, centres, strides, labels)
    total = score.sum().clamp(min=1)

    probability = confidence_logit.detach().sigmoid()
    # Varifocal weights (arXiv:2008.13367): positives by their score, negatives by how wrong they are.
    weight = torch.where(score > 0, score.clamp(min=0.1), 0.75 * probability**2) * ~skip
    confidence = (F.binary_cross_entropy_with_logits(confidence_logit, score, reduction="none") * weight).sum() / total

    picture, cell = (owner >= 0).nonzero(as_tuple=True)
    vehicle = owner[picture, cell]
    share = score[picture, cell]
    truth = labels[picture, vehicle]
    box = ((1 - generalised_iou(boxes[picture, cell], truth[:, 1:])) * share).sum() / total

    sides = torch.cat([centres[cell] - truth[:, 1:3], truth[:, 3:5] - centres[cell]], -1) / strides[cell, None]
    sides = sides.clamp(0, BINS - 1.01)
    low = sides.long()
    log_p = distributions[picture, cell].log_softmax(-1)
    near = log_p.gather(-1, low[..., None])[..., 0]
    far = log_p.gather(-1, low[..., None] + 1)[..., 0]
    part = sides - low
    distribution = -((near * (1 - part) + far * part).mean(-1) * share).sum() / total

    known = truth[:, 0] >= 0
    kind = F.cross_entropy(logits[picture, cell], truth[:, 0].clamp(min=0).long(), reduction="none", label_smoothing=0.05)
    kind = (kind * share * known).sum() / total
    result = confidence + 2.0 * box + 0.4 * distribution + 0.4 * kind
    return result, torch.stack([confidence, box, distribution, kind]).detach()
