import { overlayShapes } from '../overlay-shapes.js';
import type { DrawnPicture } from '../renderer.js';
import { CanvasGlyphs } from './canvas-glyphs.js';
import type { WallGpu } from './gpu-device.js';
import { GpuTile, type PendingFrame } from './gpu-tile.js';
import { InstanceList } from './instance-list.js';
import { ATLAS_SIDE, OverlayPass } from './overlay-pass.js';
import { packOverlay } from './pack-overlay.js';
import { VideoPass, type VideoQuad } from './video-pass.js';

/** A GPU that takes no frame so many times in a row takes none. */
const MAX_FAILURES = 3;
/** A video may have no frame for a moment, after it was announced; so many times in a row is no moment. */
const MAX_MISSING = 50;
/** Drawings that the GPU may be busy with: newer frames wait for it, and the newest of each tile wins. */
const MAX_IN_FLIGHT = 2;

interface Due extends PendingFrame {
  tile: GpuTile;
}

/**
 * The video and the overlays of all tiles on one canvas. The picture is kept in a texture between drawings: only tiles with
 * a new frame are drawn, each frame together with its own boxes, and nothing happens while there is none. Layout changes
 * draw everything anew.
 */
export class GpuWall {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: GPUCanvasContext;
  readonly #device: GPUDevice;
  readonly #format: GPUTextureFormat;
  readonly #onFailure: (reason: string) => void;
  readonly #tiles = new Set<GpuTile>();
  readonly #canvasSize: GPUBuffer;
  readonly #video: VideoPass;
  readonly #overlay: OverlayPass;
  readonly #glyphs: CanvasGlyphs;
  readonly #list = new InstanceList();
  #picture: GPUTexture | null = null;
  #width = 1;
  #height = 1;
  #request = 0;
  #inFlight = 0;
  #allStale = true;
  #failures = 0;
  #missing = 0;
  #closed = false;

  /**
   * `onFailure` is called once, when nothing more will be drawn; the owner then closes the wall. @throws Error where the
   * canvas or the device does not serve.
   */
  constructor(canvas: HTMLCanvasElement, { device }: WallGpu, onFailure: (reason: string) => void) {
    const context = canvas.getContext('webgpu');
    if (!context) throw new Error('the canvas has no WebGPU context');
    this.#canvas = canvas;
    this.#context = context;
    this.#device = device;
    this.#onFailure = onFailure;
    this.#format = navigator.gpu.getPreferredCanvasFormat();
    this.#canvasSize = device.createBuffer({
      label: 'wall size',
      size: 8,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#video = new VideoPass(device, this.#format, this.#canvasSize);
    this.#overlay = new OverlayPass(device, this.#format, this.#canvasSize);
    this.#glyphs = new CanvasGlyphs(ATLAS_SIDE, (u, v, glyph) => this.#overlay.upload(u, v, glyph));
    context.configure({
      device,
      format: this.#format,
      alphaMode: 'premultiplied',
      usage: GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_DST,
    });
    void device.lost.then(({ message }) => this.#fail(`the GPU was lost${message ? ` (${message})` : ''}`));
    device.onuncapturederror = (event) => {
      event.preventDefault();
      this.#fail(`the GPU refused a drawing (${event.error.message.split('\n')[0]})`);
    };
  }

  /** A tile of this wall; its player closes it. */
  tile(onPainted: (painted: boolean) => void): GpuTile {
    const tile = new GpuTile({
      onFrame: () => this.#schedule(),
      onNoFrame: (error) => {
        if (++this.#missing === MAX_MISSING) this.#fail(`videos give no frames (${wordsOf(error)})`);
      },
      onMoved: () => this.redraw(),
      onClose: () => {
        this.#tiles.delete(tile);
        this.redraw();
      },
      onPainted,
    });
    this.#tiles.add(tile);
    return tile;
  }

  /**
   * The wall's extent in CSS pixels. Returns the density that it is drawn with: less than asked for where the GPU's largest
   * texture is too small.
   */
  resize(widthPx: number, heightPx: number, density: number): number {
    const largest = this.#device.limits.maxTextureDimension2D;
    const possible = Math.min(density, largest / Math.max(1, widthPx), largest / Math.max(1, heightPx));
    if (possible < Math.min(1, density)) {
      this.#fail(
        `the wall is ${Math.round(Math.max(widthPx, heightPx))} px long, the GPU's largest texture ${largest}`,
      );
      return density;
    }
    this.#width = Math.max(1, Math.min(largest, Math.round(widthPx * possible)));
    this.#height = Math.max(1, Math.min(largest, Math.round(heightPx * possible)));
    this.#glyphs.setDensity(possible);
    this.redraw();
    return possible;
  }

  /** Colour of letterbox bars (`#rrggbb`), radius of the upper corners. */
  setLook(ground: string, cornerPx: number): void {
    const [, red, green, blue] = /^#(..)(..)(..)$/.exec(ground.trim()) ?? [];
    if (red && green && blue) this.#video.ground = [red, green, blue].map((h) => parseInt(h, 16) / 255) as never;
    this.#video.cornerPx = cornerPx;
    this.redraw();
  }

  /** Draws all tiles again, with the frames that are on screen now. */
  redraw(): void {
    this.#allStale = true;
    this.#schedule();
  }

  /** May be called twice. The device is its owner's. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    cancelAnimationFrame(this.#request);
    for (const tile of [...this.#tiles]) tile.close();
    this.#device.onuncapturederror = null;
    this.#context.unconfigure();
    this.#picture?.destroy();
    this.#canvasSize.destroy();
    this.#video.close();
    this.#overlay.close();
  }

  #schedule(): void {
    // Frames come before animation frames in a page's turn: all of this turn are drawn together, in this turn.
    if (this.#request === 0 && this.#inFlight < MAX_IN_FLIGHT && !this.#closed)
      this.#request = requestAnimationFrame(() => this.#flush());
  }

  #fail(reason: string): void {
    if (this.#closed) return;
    this.#onFailure(reason);
  }

  #failedOnce(error: unknown): void {
    if (++this.#failures === MAX_FAILURES) this.#fail(`video frames do not reach the GPU (${wordsOf(error)})`);
  }

  #flush(): void {
    this.#request = 0;
    if (this.#closed) return;
    const everything = this.#allStale;
    this.#allStale = false;
    if (everything) for (const tile of [...this.#tiles]) if (!tile.hasFrame) tile.onStale?.();
    const due: Due[] = [];
    for (const tile of this.#tiles) {
      const pending = tile.place && tile.take();
      if (pending) due.push({ tile, ...pending });
    }
    // What a tile without a frame shows now must stay: it is only cleared with the rest.
    if (due.length === 0 && !everything) return;
    try {
      const drawn = this.#render(due, everything);
      for (const tile of this.#tiles) {
        if (drawn.has(tile)) tile.painted(true);
        else if (everything) tile.painted(false);
      }
      this.#tell(due, drawn);
    } catch (error) {
      this.#failedOnce(error);
    } finally {
      for (const { frame } of due) frame.video.close();
    }
  }

  #render(due: readonly Due[], everything: boolean): Set<GpuTile> {
    const picture = this.#ensureSize();
    const drawn = new Set<GpuTile>();
    const quads: VideoQuad[] = [];
    for (const { tile, frame } of due) {
      try {
        quads.push({ place: tile.place!, texture: this.#device.importExternalTexture({ source: frame.video }) });
        drawn.add(tile);
        this.#failures = 0;
        this.#missing = 0;
      } catch (error) {
        this.#failedOnce(error);
      }
    }
    this.#pack(due.filter(({ tile }) => drawn.has(tile)));
    const encoder = this.#device.createCommandEncoder({ label: 'wall' });
    const pass = encoder.beginRenderPass({
      colorAttachments: [{ view: picture.createView(), loadOp: everything ? 'clear' : 'load', storeOp: 'store' }],
    });
    this.#video.draw(pass, quads);
    this.#overlay.draw(pass, this.#list);
    pass.end();
    const texture = this.#context.getCurrentTexture();
    encoder.copyTextureToTexture({ texture: picture }, { texture }, [this.#width, this.#height]);
    this.#device.queue.submit([encoder.finish()]);
    this.#inFlight++;
    // Never rejected: a lost device has done its work.
    void this.#device.queue.onSubmittedWorkDone().then(() => this.#done());
    return drawn;
  }

  #done(): void {
    this.#inFlight--;
    if (this.#allStale || [...this.#tiles].some((tile) => tile.hasFrame)) this.#schedule();
  }

  #pack(due: readonly Due[]): void {
    for (let attempt = 0; attempt < 2; attempt++) {
      const { generation } = this.#glyphs.atlas;
      this.#list.truncate(0);
      for (const { tile, scene } of due) {
        const { picture } = tile.place!;
        const shapes = overlayShapes(scene, picture.width, picture.height, this.#glyphs.measure);
        packOverlay(this.#list, shapes, tile.place!, this.#glyphs);
      }
      // Letters were forgotten on the way, since the texture was full: now there is room.
      if (generation === this.#glyphs.atlas.generation) return;
    }
  }

  #ensureSize(): GPUTexture {
    const [width, height] = [this.#width, this.#height];
    if (this.#picture?.width === width && this.#picture.height === height) return this.#picture;
    this.#picture?.destroy();
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#picture = this.#device.createTexture({
      label: 'wall',
      size: [width, height],
      format: this.#format,
      usage: GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC,
    });
    this.#device.queue.writeBuffer(this.#canvasSize, 0, new Float32Array([width, height]));
    return this.#picture;
  }

  #tell(due: readonly Due[], drawn: ReadonlySet<GpuTile>): void {
    for (const { tile, frame } of due) {
      if (!frame.onDrawn || !drawn.has(tile)) continue;
      const { picture, density } = tile.place!;
      const { x, y, width, height } = picture;
      const where: DrawnPicture = {
        canvas: this.#canvas,
        picture: { x: x * density, y: y * density, width: width * density, height: height * density },
      };
      frame.onDrawn(where);
    }
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
