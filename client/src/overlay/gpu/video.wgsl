// The video of one tile, in its room: letterbox bars in the ground's colour, round upper corners.

struct Canvas {
  size: vec2f,
}

@group(0) @binding(0) var<uniform> canvas: Canvas;
@group(0) @binding(1) var smoothly: sampler;
@group(1) @binding(0) var frame: texture_external;

struct Tile {
  // Left, top, width, height.
  @location(0) room: vec4f,
  @location(1) picture: vec4f,
  @location(2) ground: vec4f,
  @location(3) radius: f32,
}

struct Fragment {
  @builtin(position) position: vec4f,
  @location(0) @interpolate(flat) room: vec4f,
  @location(1) @interpolate(flat) picture: vec4f,
  @location(2) @interpolate(flat) ground: vec4f,
  @location(3) @interpolate(flat) radius: f32,
}

@vertex
fn place(@builtin(vertex_index) vertex: u32, tile: Tile) -> Fragment {
  let at = tile.room.xy + vec2f(f32(vertex & 1u), f32(vertex >> 1u)) * tile.room.zw;
  let ndc = at / canvas.size * vec2f(2.0, -2.0) + vec2f(-1.0, 1.0);
  return Fragment(vec4f(ndc, 0.0, 1.0), tile.room, tile.picture, tile.ground, tile.radius);
}

@fragment
fn paint(in: Fragment) -> @location(0) vec4f {
  let p = in.position.xy;
  let uv = (p - in.picture.xy) / in.picture.zw;
  let video = textureSampleBaseClampToEdge(frame, smoothly, uv).rgb;
  let inside = all(uv >= vec2f(0.0)) && all(uv <= vec2f(1.0));
  let colour = select(in.ground.rgb, video, inside);
  // Only the upper corners are round: the distance is that to a room without a lower end.
  let q = vec2f(abs(p.x - in.room.x - in.room.z * 0.5) - in.room.z * 0.5, in.room.y - p.y) + in.radius;
  let distance = length(max(q, vec2f(0.0))) + min(max(q.x, q.y), 0.0) - in.radius;
  let alpha = clamp(0.5 - distance, 0.0, 1.0);
  return vec4f(colour * alpha, alpha);
}
