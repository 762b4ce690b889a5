"""Trains the detector. `python3 train.py --help`; README.md says what was run.

One GPU, one process, no data loader: the pictures are decoded once, augmentation runs on the GPU. A run stops after
`--seconds` and writes `checkpoint.pt`, from which `--resume` goes on; the schedule is a share of the whole
(`--from-share` to `--to-share`), so that several short runs make up one long one.
"""

import argparse
import copy
import json
import math
import os
import time

import numpy as np
import torch

from augment import appearance, geometry
from data import join, load
from evaluate import vehicle_ap50
from loss import loss
from network import Detector, anchors, boxes_of, flatten

# How often pictures of a part are drawn, against their number, and between which scales.
PARTS = {
    "atl_": (2.2, 0.5, 1.9),
    "oi_": (1.0, 0.25, 1.5),
    "vid_": (1.0, 0.5, 2.0),
    "": (1.0, 0.6, 1.7),  # the rendered world
}


class Draw:
    """Picture numbers, by weight."""

    def __init__(self, weights, batch, device):
        self.batch = batch
        self.weights = torch.tensor(weights, device=device)

    def __call__(self, count):
        return torch.multinomial(self.weights, count, replacement=True)


def part_of(name):
    base = os.path.basename(name)
    return next(values for prefix, values in PARTS.items() if base.startswith(prefix))


def prepare(names, world_share, batch, device):
    parts = [part_of(name) for name in names]
    weights = np.array([part[0] for part in parts], np.float64)
    world = np.array([part is PARTS[""] for part in parts])
    if world.any():
        weights[world] *= world_share / weights[world].sum()
        weights[~world] *= (1 - world_share) / weights[~world].sum()
    ranges = torch.tensor([[math.log(part[1]), math.log(part[2])] for part in parts], device=device)
    return Draw(weights.astype(np.float32), batch, device), ranges


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--real", required=True, help="folder with images/, labels/, train.txt, val.txt, eval-video.txt")
    arguments.add_argument("--world", help="the same of rendered pictures (train.txt, val.txt)")
    arguments.add_argument("--pseudo", help="teachers' boxes (teach.py)")
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--resume")
    arguments.add_argument("--seconds", type=float, required=True)
    arguments.add_argument("--from-share", type=float, default=0.0)
    arguments.add_argument("--to-share", type=float, default=1.0)
    arguments.add_argument("--world-share", type=float, default=0.35)
    arguments.add_argument("--batch", type=int, default=64)
    arguments.add_argument("--rate", type=float, default=2e-3)
    arguments.add_argument("--decay", type=float, default=0.05)
    arguments.add_argument("--height", type=int, default=384)
    arguments.add_argument("--width", type=int, default=640)
    arguments.add_argument("--max-labels", type=int, default=72)
    arguments.add_argument("--compile", action="store_true")
    arguments.add_argument("--every", type=float, default=60, help="seconds between evaluations")
    arguments.add_argument("--model", default="{}", help="JSON arguments of Detector")
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()

    torch.manual_seed(options.seed)
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.benchmark_limit = 4
    torch.set_float32_matmul_precision("high")
    device = "cuda"
    began = time.time()
    extra = dict(np.load(options.pseudo)) if options.pseudo else None
    train = load(options.real, "train.txt", device, extra)
    held_out = {split: load(options.real, f"{split}.txt", device) for split in ("val", "eval-video")}
    if options.world:
        train = join([train, load(options.world, "train.txt", device)])
        held_out["world"] = load(options.world, "val.txt", device)
    draw, ranges = prepare(train.names, options.world_share, options.batch, device)
    print(f"{len(train)} pictures in {time.time() - began:.1f} s", flush=True)

    network = Detector(**json.loads(options.model)).to(device, memory_format=torch.channels_last)
    average = copy.deepcopy(network).eval()
    print(f"{sum(p.numel() for p in network.parameters()) / 1e3:.0f} k parameters", flush=True)
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": options.decay}, {"params": plain, "weight_decay": 0.0}],
        lr=options.rate, betas=(0.9, 0.99), fused=True,
    )
    step, curves = 0, []
    if options.resume:
        state = torch.load(options.resume, map_location=device)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        if "optimizer" in state:
            optimizer.load_state_dict(state["optimizer"])
        step, curves = state["step"], state["curves"]
    keys = [key for key, value in average.state_dict().items() if value.is_floating_point()]
    averaged = [average.state_dict()[key] for key in keys]
    current = [network.state_dict()[key] for key in keys]
    forward = torch.compile(network) if options.compile else network
    height, width = options.height, options.width
    centres, strides = anchors(height, width, device)

    def augmented(mosaic_share):
        image, labels = geometry(train, draw, ranges, height, width, mosaic_share)
        image = appearance(image)
        return image.to(memory_format=torch.channels_last), labels[:, : options.max_labels]

    first_step, start, evaluated = step, time.time(), time.time()
    parts = torch.zeros(4, device=device)
    seen = 0
    network.train()
    while True:
        elapsed = time.time() - start
        if elapsed >= options.seconds:
            break
        share = options.from_share + (options.to_share - options.from_share) * elapsed / options.seconds
        rate = options.rate * min(1, (step + 1) / 400) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        # The last eighth looks more like what a camera sends.
        image, labels = augmented(0.6 if share < 0.87 else 0.15)
        with torch.autocast("cuda", torch.bfloat16):
            outputs = forward(image)
        distributions, logits = flatten(outputs)
        boxes = boxes_of(distributions, centres, strides)
        total, now = loss(distributions, logits, boxes, centres, strides, labels)
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimizer.step()
        step += 1
        parts += now
        seen += 1
        if step % 2 == 0:
            with torch.no_grad():
                torch._foreach_lerp_(averaged, current, 1 - min(0.9993, step / (step + 300)))
        if time.time() - evaluated > options.every:
            evaluated = time.time()
            row = {"step": step, "share": round(share, 4), "rate": rate}
            row["loss"] = [round(value, 4) for value in (parts / seen).tolist()]
            parts.zero_()
            seen = 0
            for split, pictures in held_out.items():
                row[split] = round(vehicle_ap50(average, pictures, height, width), 4)
            curves.append(row)
            print(f"{time.time() - start:.0f}s", json.dumps(row), flush=True)

    speed = (step - first_step) / (time.time() - start)
    print(f"{step - first_step} steps of {options.batch}, {speed:.1f} a second", flush=True)
    final = {}
    for h, w in ((384, 640), (320, 576), (288, 512)):
        for split, pictures in held_out.items():
            final[f"{split} {w}x{h}"] = round(vehicle_ap50(average, pictures, h, w), 4)
    for only in ("atl_", "oi_"):
        final[f"val {only} {width}x{height}"] = round(vehicle_ap50(average, held_out["val"], height, width, only), 4)
    print(json.dumps(final, indent=1), flush=True)
    os.makedirs(options.out, exist_ok=True)
    state = {
        "network": network.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(),
        "step": step, "curves": curves, "model": json.loads(options.model),
    }  # fmt: skip
    torch.save(state, f"{options.out}/checkpoint.pt")
    with open(f"{options.out}/curves.json", "w") as file:
        json.dump({"curves": curves, "final": final, "seconds": time.time() - began, "options": vars(options)}, file)


if __name__ == "__main__":
    main()
