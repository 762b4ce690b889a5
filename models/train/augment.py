"""Augmentation on the GPU, a batch at a time: what leaves here is what the network trains on.

Geometry (mosaic of up to four pictures, scale, shift, mirror, aspect) is one Triton kernel over the decoded pictures;
colour, blur, noise, night, haze and JPEG artefacts follow on the batch. The pictures of a batch are drawn at random,
so an effect for a quarter of them is applied to a fixed quarter of the batch.
"""

import math

import torch
import torch.nn.functional as F
import triton
import triton.language as tl

from data import ABSENT, IGNORE, SIDE

GREY = 114.0


@triton.jit
def _warp(
    pictures, sizes, index, maps, cuts, out, HEIGHT, WIDTH, TOTAL, SIDE: tl.constexpr, GREY: tl.constexpr,
    BLOCK: tl.constexpr,
):
    place = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    live = place < TOTAL
    b = place // (HEIGHT * WIDTH)
    y = (place // WIDTH) % HEIGHT
    x = place % WIDTH
    cut_x = tl.load(cuts + 2 * b, live)
    cut_y = tl.load(cuts + 2 * b + 1, live)
    tile = 4 * b + tl.where(x >= cut_x, 1, 0) + tl.where(y >= cut_y, 2, 0)
    picture = tl.load(index + tile, live).to(tl.int64)
    scale_x = tl.load(maps + 4 * tile, live)
    scale_y = tl.load(maps + 4 * tile + 1, live)
    shift_x = tl.load(maps + 4 * tile + 2, live)
    shift_y = tl.load(maps + 4 * tile + 3, live)
    width = tl.load(sizes + 2 * picture, live)
    height = tl.load(sizes + 2 * picture + 1, live)
    base = pictures + picture * 3 * SIDE * SIDE
    red = tl.zeros([BLOCK], tl.float32)
    green = tl.zeros([BLOCK], tl.float32)
    blue = tl.zeros([BLOCK], tl.float32)
    # Four samples a pixel: shrinking by two or less does not alias.
    for sample in tl.static_range(4):
        u = (x + 0.25 + 0.5 * (sample % 2)) * scale_x + shift_x
        v = (y + 0.25 + 0.5 * (sample // 2)) * scale_y + shift_y
        inside = live & (u >= 0) & (v >= 0) & (u < width) & (v < height)
        u = tl.minimum(tl.maximum(u - 0.5, 0.0), width - 1.0)
        v = tl.minimum(tl.maximum(v - 0.5, 0.0), height - 1.0)
        left = u.to(tl.int32)
        top = v.to(tl.int32)
        right = tl.minimum(left + 1, width - 1)
        below = tl.minimum(top + 1, height - 1)
        fu = u - left
        fv = v - top
        for channel in tl.static_range(3):
            plane = base + channel * SIDE * SIDE
            p00 = tl.load(plane + top * SIDE + left, inside, 0).to(tl.float32)
            p01 = tl.load(plane + top * SIDE + right, inside, 0).to(tl.float32)
            p10 = tl.load(plane + below * SIDE + left, inside, 0).to(tl.float32)
            p11 = tl.load(plane + below * SIDE + right, inside, 0).to(tl.float32)
            value = (p00 * (1 - fu) + p01 * fu) * (1 - fv) + (p10 * (1 - fu) + p11 * fu) * fv
            value = tl.where(inside, value, GREY) / (4 * 255)
            if channel == 0:
                red += value
            elif channel == 1:
                green += value
            else:
                blue += value
    area = HEIGHT * WIDTH
    at = out + b.to(tl.int64) * 3 * area + y * WIDTH + x
    tl.store(at, red, live)
    tl.store(at + area, green, live)
    tl.store(at + 2 * area, blue, live)


def warp(pictures, index, maps, cuts, height, width):
    """`[B,3,H,W]`, 0..1. `index` `[B,4]`: pictures of the tiles; `maps` `[B,4,4]`: scale and shift per axis, from here
    to the picture's pixels; `cuts` `[B,2]`: where the tiles meet."""
    batch = index.shape[0]
    out = torch.empty(batch, 3, height, width, device=index.device)
    total = batch * height * width
    _warp[(triton.cdiv(total, 256),)](
        pictures.pictures, pictures.sizes, index.contiguous(), maps.contiguous(), cuts.contiguous(), out,
        height, width, total, SIDE=SIDE, GREY=GREY, BLOCK=256,
    )
    return out


def letterbox(pictures, index, height, width):
    """As the server does it: pictures `[B,3,H,W]` with even, centred content; and content `[B,4]`: x, y, w, h."""
    size = pictures.sizes[index].double()
    scale = torch.minimum(width / size[:, 0], height / size[:, 1])
    even = lambda value: 2 * (value / 2).round()
    content_w = even(size[:, 0] * scale).clamp(2, width)
    content_h = even(size[:, 1] * scale).clamp(2, height)
    x = 2 * ((width - content_w) / 4).floor()
    y = 2 * ((height - content_h) / 4).floor()
    sx, sy = size[:, 0] / content_w, size[:, 1] / content_h
    maps = torch.stack([sx, sy, -x * sx, -y * sy], -1).float()
    tiles = index[:, None].expand(-1, 4)
    cuts = torch.full((len(index), 2), 1 << 20, device=index.device, dtype=torch.float32)
    picture = warp(pictures, tiles, maps[:, None].expand(-1, 4, -1), cuts, height, width)
    return picture, torch.stack([x, y, content_w, content_h], -1).float()


def _uniform(low, high, *shape, device):
    return low + (high - low) * torch.rand(*shape, device=device)


def geometry(pictures, draw, ranges, height, width, mosaic_share):
    """Pictures `[B,3,H,W]` and their labels `[B,M,5]`, best ones first in each row; `draw(n)` gives picture numbers,
    `ranges` `[N,2]` is the log of the least and largest scale of each picture."""
    device = pictures.sizes.device
    batch = draw.batch
    index = draw(batch * 4).view(batch, 4)
    mosaic = torch.arange(batch, device=device) < round(batch * mosaic_share)
    cuts = torch.stack(
        [_uniform(0.25, 0.75, batch, device=device) * width, _uniform(0.25, 0.75, batch, device=device) * height], -1
    ).round()
    cuts = torch.where(mosaic[:, None], cuts, torch.full_like(cuts, 1 << 20))

    # Tiles' rectangles in the output: x1, y1, x2, y2.
    ends = torch.tensor([width, height], device=device, dtype=torch.float32)
    cut = torch.minimum(cuts, ends)
    zero = torch.zeros_like(cut)
    far = ends.expand_as(cut)
    tiles = torch.stack(
        [
            torch.stack([zero[:, 0], zero[:, 1], cut[:, 0], cut[:, 1]], -1),
            torch.stack([cut[:, 0], zero[:, 1], far[:, 0], cut[:, 1]], -1),
            torch.stack([zero[:, 0], cut[:, 1], cut[:, 0], far[:, 1]], -1),
            torch.stack([cut[:, 0], cut[:, 1], far[:, 0], far[:, 1]], -1),
        ],
        1,
    )
    size = pictures.sizes[index].float()
    low, high = ranges[index].unbind(-1)
    scale = (low + (high - low) * torch.rand(batch, 4, device=device)).exp()
    # Mostly, a whole picture fills the canvas as a letterboxed camera does.
    fit = torch.minimum(width / size[..., 0], height / size[..., 1])
    keep = torch.rand(batch, 4, device=device) < 0.35
    scale = torch.where(keep & ~mosaic[:, None], fit, scale)
    # Not much bare grey.
    room = tiles[..., 2:] - tiles[..., :2]
    scale = torch.maximum(scale, 0.8 * (room / size).amin(-1))
    aspect = _uniform(-0.18, 0.18, batch, 4, device=device).exp()
    scales = torch.stack([scale * aspect, scale / aspect], -1)
    extent = size * scales
    slack = room - extent
    # Inside if it is smaller than the tile, else the tile is inside it.
    offset = tiles[..., :2] + slack * torch.rand(batch, 4, 2, device=device)
    flip = torch.rand(batch, 4, device=device) < 0.5
    sign = torch.stack([torch.where(flip, -1.0, 1.0), torch.ones_like(scale)], -1)
    # Output = offset + (flipped picture) * scale.
    inverse = sign / scales
    shift = torch.where(sign < 0, size, torch.zeros_like(size)) - offset * inverse
    maps = torch.cat([inverse, shift], -1)
    image = warp(pictures, index, maps, cuts, height, width)

    labels = pictures.labels[index]  # [B,4,M,5]
    kind, corners = labels[..., 0], labels[..., 1:].unflatten(-1, (2, 2))
    moved = (corners - shift[:, :, None, None]) / inverse[:, :, None, None]
    moved = torch.stack([moved.amin(-2), moved.amax(-2)], -2)
    clipped = torch.minimum(torch.maximum(moved, tiles[:, :, None, None, :2]), tiles[:, :, None, None, 2:])
    before = (moved[..., 1, :] - moved[..., 0, :]).clamp(min=1e-3)
    after = clipped[..., 1, :] - clipped[..., 0, :]
    visible = after.prod(-1) / before.prod(-1)
    small = after.amin(-1)
    kind = torch.where((kind != ABSENT) & ((visible < 0.4) | (small < 5)), torch.full_like(kind, IGNORE), kind)
    kind = torch.where((visible < 0.08) | (small < 2), torch.full_like(kind, ABSENT), kind)
    # Of an unused tile (no mosaic) nothing is left.
    table = torch.cat([kind[..., None], clipped.flatten(-2)], -1).flatten(1, 2)
    order = table[..., 0].argsort(dim=1, descending=True)
    return image, table.gather(1, order[..., None].expand(-1, -1, 5))


def _dct_matrix(device):
    k = torch.arange(8, device=device, dtype=torch.float32)
    matrix = torch.cos((2 * k[None] + 1) * k[:, None] * math.pi / 16) * 0.5
    matrix[0] *= math.sqrt(0.5)
    return matrix


# Quantisation of luma from ITU-T T.81, annex K.
_LUMA_STEPS = [
    [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55], [14, 13, 16, 24, 40, 57, 69, 56],
    [14, 17, 22, 29, 51, 87, 80, 62], [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99],
]  # fmt: skip


def block_artefacts(image):
    """What coarse quantisation of 8 x 8 blocks leaves of a picture, strength drawn per picture."""
    batch, _, height, width = image.shape
    d = _dct_matrix(image.device)
    steps = torch.tensor(_LUMA_STEPS, device=image.device) / 255
    strength = _uniform(math.log(0.4), math.log(4), batch, 1, 1, 1, 1, 1, device=image.device).exp()
    steps = (steps[:, None, :] * strength).expand(batch, 1, 1, 8, 1, 8)
    blocks = image.view(batch, 3, height // 8, 8, width // 8, 8)
    spectrum = torch.einsum("ia,bcyaxk,jk->bcyixj", d, blocks, d)
    spectrum = (spectrum / steps).round() * steps
    return torch.einsum("ia,bcyixj,jk->bcyaxk", d, spectrum, d).reshape(image.shape)


def overlays(image, share=0.35):
    """What cameras write into their pictures, time stamps and names, and the frame counter of test clips: rows of bright
    and dark cells on a dark, bright or no ground, mostly along the upper and lower edge. They are not vehicles.
    In place; `[B,3,H,W]`, 0..1."""
    batch, _, height, width = image.shape
    device = image.device
    chosen = torch.randperm(batch)[: round(batch * share)].tolist()
    for number in chosen:
        cell_h = int(torch.randint(4, 17, (1,)))
        cell_w = int(torch.randint(2, 13, (1,)))
        count = int(torch.randint(6, 26, (1,)))
        count = min(count, width // cell_w)
        bits = (torch.rand(1, count, device=device) < 0.5).float().repeat_interleave(cell_w, 1)
        rows = bits.expand(cell_h, -1)
        if torch.rand(1) < 0.4:  # letters are broken up vertically, too
            rows = rows * (torch.rand(cell_h, 1, device=device) < 0.7).float()
        strip_w = count * cell_w
        edge = torch.rand(1)
        limit = height - cell_h
        near = int(torch.randint(0, max(1, height // 12), (1,)))
        top = near if edge < 0.6 else limit - near if edge < 0.9 else int(torch.randint(0, limit + 1, (1,)))
        left = 0 if torch.rand(1) < 0.3 else int(torch.randint(0, width - strip_w + 1, (1,)))
        target = image[number, :, top : top + cell_h, left : left + strip_w]
        ink = 0.8 + 0.2 * torch.rand(3, 1, 1, device=device)
        ground = torch.rand(1)
        if ground < 0.55:
            drawn = rows * ink
        elif ground < 0.7:
            drawn = 1 - rows * ink
        else:
            drawn = torch.where(rows[None] > 0, ink, target)
        image[number, :, top : top + cell_h, left : left + strip_w] = drawn
    return image


def appearance(image):
    """Light, colour, weather, optics and compression; in place where it can be. `[B,3,H,W]`, 0..1."""
    batch, _, height, width = image.shape
    device = image.device
    # Effects fall on random slices of a random order, so that they combine.
    def part(share):
        return torch.randperm(batch, device=device)[: max(1, round(batch * share))]

    draw = lambda n, low, high, channels=1: _uniform(low, high, n, channels, 1, 1, device=device)
    gain = draw(batch, 0.65, 1.35) * draw(batch, 0.88, 1.12, 3)
    mean = image.mean((1, 2, 3), keepdim=True)
    contrast = draw(batch, 0.6, 1.35)
    image = (((image - mean) * contrast + mean) * gain).clamp(1e-4, 1)
    luma = (image * torch.tensor([0.2126, 0.7152, 0.0722], device=device).view(1, 3, 1, 1)).sum(1, keepdim=True)
    saturation = draw(batch, 0.0, 1.6)
    image = (luma + (image - luma) * saturation).clamp(1e-4, 1) ** draw(batch, -0.45, 0.45).exp()

    night = part(0.12)
    n = len(night)
    dark = image[night] ** draw(n, 1.2, 2.4) * draw(n, 0.25, 0.8) * draw(n, 0.75, 1.15, 3)
    image[night] = dark
    haze = part(0.1)
    n = len(haze)
    slope = torch.linspace(1, 0.2, height, device=device).view(1, 1, -1, 1)
    veil = draw(n, 0.1, 0.65) * slope
    image[haze] = image[haze] * (1 - veil) + draw(n, 0.5, 0.95) * veil

    image = overlays(image)
    blur = part(0.25)
    factor = float(torch.empty(1).uniform_(1.3, 2.8))
    small = F.interpolate(image[blur], scale_factor=1 / factor, mode="bilinear", antialias=True)
    image[blur] = F.interpolate(small, size=(height, width), mode="bilinear")
    smear = part(0.06)
    taps = int(torch.randint(1, 4, (1,))) * 2 + 1
    image[smear] = F.avg_pool2d(image[smear], (1, taps), 1, (0, taps // 2), count_include_pad=False)
    noisy = part(0.35)
    n = len(noisy)
    image[noisy] += torch.randn(n, 3, height, width, device=device) * draw(n, 0, 0.06)
    specks = part(0.08)
    n = len(specks)
    chance = torch.rand(n, 1, height, width, device=device) / draw(n, 0.005, 0.06)
    image[specks] = torch.where(chance < 0.5, 0.0, torch.where(chance < 1, 1.0, image[specks]))
    coded = part(0.35)
    image[coded] = block_artefacts(image[coded])
    return image.clamp_(0, 1)
