// Boxes, trails, label plates and letters: every instance is one quad, its coverage computed per pixel.

struct Canvas {
  size: vec2f,
}

@group(0) @binding(0) var<uniform> canvas: Canvas;
@group(0) @binding(1) var atlas: texture_2d<f32>;

const FILL = 0u;
const STROKE = 1u;
const RIBBON = 2u;
const GLYPH = 3u;

struct Instance {
  @location(0) geometry: vec4f,
  @location(1) parameters: vec4f,
  @location(2) clip: vec4f,
  @location(3) colour: vec4f,
  @location(4) kind: u32,
}

struct Fragment {
  @builtin(position) position: vec4f,
  @location(0) @interpolate(flat) geometry: vec4f,
  @location(1) @interpolate(flat) parameters: vec4f,
  @location(2) @interpolate(flat) clip: vec4f,
  @location(3) @interpolate(flat) colour: vec4f,
  @location(4) @interpolate(flat) kind: u32,
  // A ribbon's signed distance from its middle, and half its width.
  @location(5) across: vec2f,
}

@vertex
fn place(@builtin(vertex_index) vertex: u32, instance: Instance) -> Fragment {
  let corner = vec2f(f32(vertex & 1u), f32(vertex >> 1u));
  var at: vec2f;
  var across = vec2f(0.0);
  if (instance.kind == RIBBON) {
    let along = instance.geometry.zw - instance.geometry.xy;
    let normal = normalize(vec2f(-along.y, along.x));
    let halfWidth = max(abs(dot(normal, instance.parameters.xy)), abs(dot(normal, instance.parameters.zw)));
    let side = corner.y * 2.0 - 1.0;
    // Half a pixel more on each side, for its soft edge.
    let reach = (halfWidth + 0.5) / max(halfWidth, 0.01);
    at = mix(instance.geometry.xy + side * reach * instance.parameters.xy,
             instance.geometry.zw + side * reach * instance.parameters.zw, corner.x);
    across = vec2f(side * (halfWidth + 0.5), halfWidth);
  } else {
    var margin = 0.0;
    if (instance.kind == FILL) { margin = 1.0; }
    if (instance.kind == STROKE) { margin = instance.parameters.x * 0.5 + 1.0; }
    at = instance.geometry.xy - margin + corner * (instance.geometry.zw + 2.0 * margin);
  }
  let ndc = at / canvas.size * vec2f(2.0, -2.0) + vec2f(-1.0, 1.0);
  return Fragment(vec4f(ndc, 0.0, 1.0), instance.geometry, instance.parameters, instance.clip, instance.colour,
                  instance.kind, across);
}

// Signed distance to a rectangle with round corners, negative inside.
fn rectangleDistance(fromCentre: vec2f, halfSize: vec2f, radius: f32) -> f32 {
  let q = abs(fromCentre) - halfSize + radius;
  return length(max(q, vec2f(0.0))) + min(max(q.x, q.y), 0.0) - radius;
}

// How far the nearest point of a rectangle's edge is from its upper left corner, clockwise.
fn perimeter(p: vec2f, size: vec2f) -> f32 {
  let toEdges = abs(vec4f(p.y, size.x - p.x, size.y - p.y, p.x));
  let nearest = min(min(toEdges.x, toEdges.y), min(toEdges.z, toEdges.w));
  if (nearest == toEdges.x) { return clamp(p.x, 0.0, size.x); }
  if (nearest == toEdges.y) { return size.x + clamp(p.y, 0.0, size.y); }
  if (nearest == toEdges.z) { return size.x + size.y + size.x - clamp(p.x, 0.0, size.x); }
  return 2.0 * size.x + size.y + size.y - clamp(p.y, 0.0, size.y);
}

fn strokeCoverage(p: vec2f, size: vec2f, lineWidth: f32, on: f32, off: f32) -> f32 {
  let line = clamp(0.5 + lineWidth * 0.5 - abs(rectangleDistance(p - size * 0.5, size * 0.5, 0.0)), 0.0, 1.0);
  if (off <= 0.0) { return line; }
  let period = on + off;
  let s = perimeter(p, size);
  let m = s - floor(s / period) * period;
  let inside = max(min(m, on - m), m - period);
  return line * clamp(inside + 0.5, 0.0, 1.0);
}

@fragment
fn paint(in: Fragment) -> @location(0) vec4f {
  let p = in.position.xy;
  if (any(p < in.clip.xy) || any(p > in.clip.zw)) { discard; }
  let size = in.geometry.zw;
  let local = p - in.geometry.xy;
  var coverage = 0.0;
  switch (in.kind) {
    case FILL {
      // A side thinner than a pixel covers that much of it.
      let soft = clamp(0.5 - rectangleDistance(local - size * 0.5, size * 0.5, in.parameters.x), 0.0, 1.0);
      coverage = min(soft, min(size.x, size.y));
    }
    case STROKE {
      coverage = strokeCoverage(local, size, in.parameters.x, in.parameters.y, in.parameters.z);
    }
    case RIBBON {
      coverage = clamp(in.across.y + 0.5 - abs(in.across.x), 0.0, 1.0);
    }
    default {
      coverage = textureLoad(atlas, vec2i(floor(in.parameters.xy + local)), 0).r;
    }
  }
  let alpha = in.colour.a * coverage;
  return vec4f(in.colour.rgb * alpha, alpha);
}
