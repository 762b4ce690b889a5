"""A trained checkpoint to ONNX, in the form of a stock export: RGB `[B,3,H,W]` 0..1 to `[B,4+4,N]` (centre x, centre y,
width, height in pixels, then a score per class). `models/dist/prepare.js` makes pipeline models of it.

    python3 export.py checkpoint.pt lanecast-s.onnx
"""

import argparse
import json

import numpy as np
import onnx
import torch
import torch.nn as nn

from network import BINS, CLASSES, Detector, anchors, fuse


class Exported(nn.Module):
    def __init__(self, detector, height, width):
        super().__init__()
        self.detector = detector
        centres, strides = anchors(height, width, "cpu")
        self.register_buffer("centres", centres.T[None].contiguous())
        self.register_buffer("strides", strides[None, None])
        # The pipeline tool knows the head by this convolution, which counts bins.
        self.count = nn.Conv2d(BINS, 1, 1, bias=False)
        self.count.weight.data = torch.arange(BINS, dtype=torch.float32).view(1, BINS, 1, 1)

    def forward(self, images):
        outputs = self.detector(images)
        box = torch.cat([b.flatten(2) for b, _ in outputs], 2)
        scores = torch.cat([s.flatten(2) for _, s in outputs], 2)
        cells = self.centres.shape[2]
        bins = box.view(-1, 4, BINS, cells).transpose(1, 2).softmax(1)
        distances = self.count(bins).view(-1, 4, cells)
        near, far = distances[:, :2] * self.strides, distances[:, 2:] * self.strides
        return torch.cat([self.centres + (far - near) / 2, near + far, scores.sigmoid()], 1)


def calibrate(detector, slope, offset):
    """Makes every logit `slope * logit + offset`, in the weights. Order, and so average precision, stays."""
    for head in detector.heads:
        last = head.scores[1]
        last.weight.data *= slope
        last.bias.data = last.bias.data * slope + offset


def export(state, path, calibration, height=384, width=640, name="lanecast-s"):
    detector = Detector(**state.get("model", {}))
    detector.load_state_dict({key: value.float() for key, value in state["average"].items()})
    calibrate(detector, *calibration)
    model = Exported(fuse(detector), height, width).eval()
    example = torch.rand(1, 3, height, width)
    torch.onnx.export(
        model, (example,), path, input_names=["images"], output_names=["output0"], opset_version=14, dynamo=False
    )
    graph = onnx.load(path)
    names = "{" + ", ".join(f"{i}: '{kind}'" for i, kind in enumerate(CLASSES)) + "}"
    facts = {"description": name, "license": "MIT", "author": "Lanecast", "names": names, "stride": "32"}
    facts["confident_score"] = "0.6"  # chosen on scenes of a seed that was not trained on (bench:chain)
    onnx.helper.set_model_props(graph, facts)
    onnx.save(graph, path)
    return model, example


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("checkpoint")
    arguments.add_argument("out")
    arguments.add_argument("--height", type=int, default=384)
    arguments.add_argument("--width", type=int, default=640)
    arguments.add_argument("--name", default="lanecast-s")
    arguments.add_argument("--calibration", type=float, nargs=2, default=(1.0, 0.0), metavar=("SLOPE", "OFFSET"))
    options = arguments.parse_args()
    state = torch.load(options.checkpoint, map_location="cpu")
    model, example = export(state, options.out, options.calibration, options.height, options.width, options.name)

    import onnxruntime

    session = onnxruntime.InferenceSession(options.out, providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"images": example.numpy()})
    with torch.no_grad():
        expected = model(example).numpy()
    print(options.out, answer.shape, "largest difference", float(np.abs(answer - expected).max()))
