#!/usr/bin/env node
/**
 * Makes server/assets/glyphs.bin.gz, the letters that the MJPEG compositor draws. Run it only to change font or sizes:
 *
 *   node scripts/tools/make-glyph-atlas.mjs [path/to/DejaVuSansCondensed-Bold.ttf]
 *
 * It needs Chromium (PLAYWRIGHT_CHROMIUM, else /usr/bin/chromium), which rasterises; the server needs neither.
 *
 * The file, gzipped, little-endian: magic "LCGA", u8 version 1, u8 number of sizes; then per size: u8 pixel size,
 * u8 ascent, u8 line height, u8 zero; then for each of the 191 characters U+0020..U+007E, U+00A0..U+00FF: u16 advance
 * (1/64 px), i8 left and i8 top of the bitmap relative to the pen on the baseline, u8 width, u8 height, width * height
 * bytes of coverage (0..255).
 */
/* global FontFace, OffscreenCanvas, document -- used by the function that runs in the page */
import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const SIZES_PX = [10, 12, 14, 18, 26];
const font = process.argv[2] ?? '/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed-Bold.ttf';
const chromium = process.env.PLAYWRIGHT_CHROMIUM ?? '/usr/bin/chromium';
for (const [what, path] of Object.entries({ font, Chromium: chromium })) {
  if (existsSync(path)) continue;
  console.error(`No ${what} at ${path} (Debian: apt-get install fonts-dejavu-extra chromium)`);
  process.exit(1);
}

/** Runs in the page: draws each character alone and cuts its box out. */
async function rasterise(sizes) {
  const face = new FontFace('atlas', `url(data:font/ttf;base64,${document.body.dataset.font})`);
  document.fonts.add(await face.load());
  const characters = [];
  for (let code = 0x20; code <= 0xff; code++)
    if (code < 0x7f || code > 0x9f) characters.push(String.fromCharCode(code));
  const result = sizes.map((size) => {
    const side = 3 * size;
    const canvas = new OffscreenCanvas(side, side);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.font = `${size}px atlas`;
    context.fillStyle = '#fff';
    const glyphs = characters.map((character) => {
      context.clearRect(0, 0, side, side);
      context.fillText(character, size, 2 * size);
      const { data } = context.getImageData(0, 0, side, side);
      let [x1, y1, x2, y2] = [side, side, 0, 0];
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++)
          if (data[4 * (y * side + x) + 3] > 0)
            [x1, y1, x2, y2] = [Math.min(x1, x), Math.min(y1, y), Math.max(x2, x + 1), Math.max(y2, y + 1)];
      const alpha = [];
      for (let y = y1; y < y2; y++) for (let x = x1; x < x2; x++) alpha.push(data[4 * (y * side + x) + 3]);
      const advance = Math.round(64 * context.measureText(character).width);
      return alpha.length > 0
        ? { advance, left: x1 - size, top: y1 - 2 * size, width: x2 - x1, height: y2 - y1, alpha }
        : { advance, left: 0, top: 0, width: 0, height: 0, alpha };
    });
    // From the ink, not from the font's own (rounded) metrics: nothing reaches out of its line.
    const ascent = Math.max(...glyphs.map(({ top }) => -top));
    const descent = Math.max(...glyphs.map(({ top, height }) => top + height));
    return { size, ascent, lineHeight: ascent + descent, glyphs };
  });
  document.body.removeAttribute('data-font');
  document.body.textContent = JSON.stringify(result);
}

const folder = mkdtempSync(join(tmpdir(), 'lanecast-atlas-'));
try {
  const page = join(folder, 'atlas.html');
  const base64 = readFileSync(font).toString('base64');
  writeFileSync(page, `<body data-font="${base64}"><script>(${rasterise})(${JSON.stringify(SIZES_PX)})</script>`);
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const dom = execFileSync(
    chromium,
    [...sandbox, '--headless', '--disable-gpu', '--virtual-time-budget=20000', `--user-data-dir=${folder}/profile`]
      .concat(['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update'])
      .concat(['--disable-sync', '--dump-dom', `file://${page}`]),
    { encoding: 'utf8', maxBuffer: 1 << 27, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const json = /<body>(\[.*\])<\/body>/s.exec(dom);
  if (!json) throw new Error(`Chromium drew nothing: ${dom.slice(0, 300)}`);
  const sizes = JSON.parse(json[1]);
  const parts = [Buffer.from('LCGA'), Buffer.from([1, sizes.length])];
  for (const { size, ascent, lineHeight, glyphs } of sizes) {
    parts.push(Buffer.from([size, ascent, lineHeight, 0]));
    for (const { advance, left, top, width, height, alpha } of glyphs) {
      const head = Buffer.alloc(6);
      head.writeUInt16LE(advance, 0);
      head.writeInt8(left, 2);
      head.writeInt8(top, 3);
      head.writeUInt8(width, 4);
      head.writeUInt8(height, 5);
      parts.push(head, Buffer.from(alpha));
    }
  }
  const packed = gzipSync(Buffer.concat(parts), { level: 9 });
  const target = new URL('../../server/assets/glyphs.bin.gz', import.meta.url);
  writeFileSync(target, packed);
  console.log(`${target.pathname}: ${packed.length} bytes, sizes ${SIZES_PX.join(', ')} px from ${font}`);
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
