"""The detector: an anchor-free, fully convolutional network for small vehicles on a CPU.

What it is made of, and why (measured with onnxruntime-node on two cores; the table is in README.md):

* The first layer reads a camera's own pixels. `Pack` turns RGB into what NV12 stores (four luma samples and one pair of
  chroma samples per 2 x 2 pixels, BT.709 limited range, /255). It is a fixed 2 x 2 convolution, so the exported graph
  takes RGB, and the pipeline tool drops it for the NV12 input: converting to RGB would add 40 % to its time.
* Blocks are a 5 x 5 depthwise and a 1 x 1 convolution around a shortcut. ReLU throughout: runtimes fuse it (and the
  shortcut) into the convolution, SiLU costs a pass over memory.
* Three grids (strides 8, 16, 32), a top-down and a bottom-up path (PANet, arXiv:1803.01534), decoupled heads, box sides
  as distributions (GFL, arXiv:2006.04388).
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

CLASSES = ("car", "motorcycle", "bus", "truck")
STRIDES = (8, 16, 32)
# Distances are up to BINS - 1 cells: 288 pixels to each side at stride 32.
BINS = 10


def pack_weights() -> tuple[torch.Tensor, torch.Tensor]:
    """`[6,3,2,2]` and `[6]`: RGB 0..1 to luma (top left, top right, bottom left, bottom right), Cb and Cr, all /255."""
    red, blue = 0.2126, 0.0722
    luma = torch.tensor([red, 1 - red - blue, blue])
    cb = (torch.tensor([0.0, 0.0, 1.0]) - luma) / (2 * (1 - blue))
    cr = (torch.tensor([1.0, 0.0, 0.0]) - luma) / (2 * (1 - red))
    weights = torch.zeros(6, 3, 2, 2)
    for place in range(4):
        weights[place, :, place // 2, place % 2] = luma * 219 / 255
    weights[4] = (cb * 224 / 255 / 4)[:, None, None]
    weights[5] = (cr * 224 / 255 / 4)[:, None, None]
    return weights, torch.tensor([16.0] * 4 + [128.0] * 2) / 255


class Pack(nn.Module):
    """RGB `[B,3,H,W]`, 0..1, to `[B,6,H/2,W/2]`."""

    def __init__(self):
        super().__init__()
        weight, bias = pack_weights()
        self.register_buffer("weight", weight, persistent=False)
        self.register_buffer("bias", bias, persistent=False)

    def forward(self, rgb):
        return F.conv2d(rgb, self.weight.to(rgb.dtype), self.bias.to(rgb.dtype), stride=2)


class Conv(nn.Sequential):
    """Convolution, batch normalisation and, unless told otherwise, ReLU."""

    def __init__(self, inputs, outputs, kernel=1, stride=1, groups=1, relu=True):
        super().__init__()
        self.add_module("conv", nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False))
        self.add_module("norm", nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03))
        if relu:
            self.add_module("relu", nn.ReLU(inplace=True))


def separable(inputs, outputs, stride=1, relu=True):
    return nn.Sequential(
        Conv(inputs, inputs, 5, stride, groups=inputs, relu=stride == 1), Conv(inputs, outputs, relu=relu)
    )


class Block(nn.Module):
    """relu(x + 1x1(relu(5x5 depthwise(x))))"""

    def __init__(self, channels):
        super().__init__()
        self.branch = separable(channels, channels, relu=False)

    def forward(self, x):
        return F.relu(x + self.branch(x))


def blocks(channels, count):
    return nn.Sequential(*(Block(channels) for _ in range(count)))


class Pyramid(nn.Module):
    """Max-pooling over 5 and 9 cells beside the map itself (SPP, arXiv:1406.4729)."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.reduce = Conv(inputs, inputs // 2)
        self.merge = Conv(inputs // 2 * 3, outputs)

    def forward(self, x):
        x = self.reduce(x)
        near = F.max_pool2d(x, 5, 1, 2)
        return self.merge(torch.cat([x, near, F.max_pool2d(near, 5, 1, 2)], 1))


class Merge(nn.Module):
    """relu(a + conv(b)), then a block."""

    def __init__(self, conv, channels):
        super().__init__()
        self.conv = conv
        self.block = Block(channels)

    def forward(self, a, b):
        return self.block(F.relu(a + self.conv(b)))


class Head(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.box = nn.Sequential(separable(channels, channels), nn.Conv2d(channels, 4 * BINS, 1))
        self.scores = nn.Sequential(separable(channels, channels), nn.Conv2d(channels, len(CLASSES), 1))
        nn.init.constant_(self.scores[1].bias, -4.6)
        nn.init.zeros_(self.box[1].bias)

    def forward(self, x):
        return self.box(x), self.scores(x)


class Detector(nn.Module):
    def __init__(self, stem=32, widths=(64, 128, 192), depths=(4, 4, 3), neck=64):
        super().__init__()
        c8, c16, c32 = widths
        self.pack = Pack()
        self.stem = Conv(6, stem, 3, 2)
        self.stage8 = nn.Sequential(Conv(stem, c8, 3, 2), blocks(c8, depths[0]))
        self.stage16 = nn.Sequential(Conv(c8, c16, 3, 2), blocks(c16, depths[1]))
        self.stage32 = nn.Sequential(separable(c16, c32, 2), blocks(c32, depths[2]))
        self.pyramid = Pyramid(c32, neck)
        self.top_down16 = Merge(Conv(c16, neck, relu=False), neck)
        self.top_down8 = Merge(Conv(c8, neck, relu=False), neck)
        self.bottom_up16 = Merge(separable(neck, neck, 2, relu=False), neck)
        self.bottom_up32 = Merge(separable(neck, neck, 2, relu=False), neck)
        self.heads = nn.ModuleList(Head(neck) for _ in STRIDES)

    def forward(self, rgb):
        """RGB `[B,3,H,W]` 0..1 to one (box distributions `[B,4*BINS,h,w]`, logits `[B,4,h,w]`) per stride."""
        x8 = self.stage8(self.stem(self.pack(rgb)))
        x16 = self.stage16(x8)
        f32 = self.pyramid(self.stage32(x16))
        f16 = self.top_down16(F.interpolate(f32, scale_factor=2.0), x16)
        f8 = self.top_down8(F.interpolate(f16, scale_factor=2.0), x8)
        g16 = self.bottom_up16(f16, f8)
        g32 = self.bottom_up32(f32, g16)
        return [head(x) for head, x in zip(self.heads, (f8, g16, g32))]


def anchors(height, width, device):
    """Cell centres `[N,2]` in pixels and strides `[N]`, grid after grid, row by row."""
    centres, strides = [], []
    for stride in STRIDES:
        y = (torch.arange(height // stride, device=device) + 0.5) * stride
        x = (torch.arange(width // stride, device=device) + 0.5) * stride
        yy, xx = torch.meshgrid(y, x, indexing="ij")
        centres.append(torch.stack([xx, yy], -1).reshape(-1, 2))
        strides.append(torch.full((centres[-1].shape[0],), float(stride), device=device))
    return torch.cat(centres), torch.cat(strides)


def flatten(outputs):
    """Per-stride maps to (distributions `[B,N,4,BINS]`, logits `[B,N,4]`), float32."""
    box = torch.cat([b.flatten(2) for b, _ in outputs], 2).transpose(1, 2).float()
    logits = torch.cat([s.flatten(2) for _, s in outputs], 2).transpose(1, 2).float()
    return box.unflatten(2, (4, BINS)), logits


def boxes_of(distributions, centres, strides):
    """Corners `[B,N,4]` in pixels: the expected distances to the left, top, right and bottom side."""
    bins = torch.arange(BINS, device=distributions.device, dtype=torch.float32)
    distances = (distributions.softmax(-1) * bins).sum(-1) * strides[:, None]
    return torch.cat([centres - distances[..., :2], centres + distances[..., 2:]], -1)


def fuse(network: Detector) -> Detector:
    """Folds batch normalisation into the convolutions, in place."""
    network.eval()
    for module in network.modules():
        if isinstance(module, Conv):
            folded = torch.nn.utils.fusion.fuse_conv_bn_eval(module.conv, module.norm)
            module.conv, module.norm = folded, nn.Identity()
    return network
