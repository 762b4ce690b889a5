import { describe, expect, it } from 'vitest';
import type { Detection } from '../core/types.js';
import { ByteTracker, type Track } from './byte-tracker.js';
import type { ByteTrackerOptions } from './options.js';

/** A 100 x 80 px box with its left edge at `x`. */
const at = (x: number, score = 0.9, classIndex = 0): Detection => ({
  x1: x,
  y1: 200,
  x2: x + 100,
  y2: 280,
  score,
  classIndex,
});

/** Feeds frames at a constant 25 fps. */
class Film {
  readonly tracker: ByteTracker;
  #frame = 0;

  constructor(options: Partial<ByteTrackerOptions> = {}) {
    this.tracker = new ByteTracker({ frameRate: 25, ...options });
  }

  show(...detections: Detection[]): Track[] {
    return this.tracker.update(detections, this.#frame++ * 40_000);
  }

  ids(...detections: Detection[]): number[] {
    return this.show(...detections).map(({ id }) => id);
  }

  empty(frames: number): void {
    for (let i = 0; i < frames; i++) expect(this.ids()).toEqual([]);
  }
}

describe('the life of a track', () => {
  it('is confirmed at once on the first frame', () => {
    const film = new Film();
    expect(film.ids(at(0), at(500))).toEqual([1, 2]);
  });

  it('is confirmed by its second match later on', () => {
    const film = new Film();
    film.empty(1);
    expect(film.ids(at(0))).toEqual([]);
    expect(film.ids(at(2))).toEqual([1]);
  });

  it('is given up when the very next frame does not confirm it', () => {
    const film = new Film();
    film.empty(1);
    film.show(at(0));
    expect(film.ids()).toEqual([]);
    expect(film.tracker.trackCount).toBe(0);
    expect(film.ids(at(0))).toEqual([]); // a new candidate, with an id of its own
    expect(film.ids(at(0))).toEqual([2]);
  });

  it('is not confirmed by a weak detection', () => {
    const film = new Film();
    film.empty(1);
    film.show(at(0));
    expect(film.ids(at(0, 0.4))).toEqual([]);
    expect(film.tracker.trackCount).toBe(0);
  });

  it('is not begun below the threshold for new tracks, and is at it', () => {
    const film = new Film();
    expect(film.ids(at(0, 0.59))).toEqual([]);
    expect(new Film().ids(at(0, 0.6))).toEqual([1]);
  });

  it('goes on with weak detections, by overlap alone', () => {
    const film = new Film();
    film.show(at(0));
    expect(film.show(at(5, 0.2))).toMatchObject([{ id: 1, score: 0.2 }]);
    expect(film.ids(at(8, 0.1))).toEqual([]); // not above the low threshold
  });

  it('is not found again by a weak detection once it is lost', () => {
    const film = new Film();
    film.show(at(0));
    film.show();
    expect(film.ids(at(0, 0.4))).toEqual([]);
    expect(film.ids(at(0, 0.9))).toEqual([1]);
  });

  it('is not continued by a score that equals the threshold: that is neither strong nor weak', () => {
    const film = new Film();
    film.show(at(0));
    expect(film.ids(at(0, 0.5))).toEqual([]);
    expect(film.ids(at(0, 0.51))).toEqual([1]);
  });

  it('is found again with the same id where its motion has led it', () => {
    const film = new Film();
    for (let frame = 0; frame < 30; frame++) film.show(at(8 * frame));
    film.empty(15);
    expect(film.ids(at(8 * 45))).toEqual([1]);
  });

  it('keeps the size of a lost track and lets it drift', () => {
    const film = new Film();
    const growing = (frame: number): Detection => ({ ...at(4 * frame), y2: 280 + 2 * frame });
    for (let frame = 0; frame < 20; frame++) film.show(growing(frame));
    film.empty(10);
    const [found] = film.show({ ...at(4 * 30), y2: 280 + 2 * 19 });
    expect(found).toMatchObject({ id: 1 });
  });

  // 25 fps and a buffer of 30 thirtieths of a second: lost for up to 25 frames, and tried on two more.
  it.each([
    [25, 1],
    [26, 1],
    [27, 1],
    [28, null],
  ])('seen again %d frames later it has id %o', (later, id) => {
    const film = new Film();
    film.show(at(0));
    film.empty(later - 1);
    expect(film.ids(at(0))).toEqual(id === null ? [] : [id]);
    if (id === null) expect(film.ids(at(0))).toEqual([2]);
  });

  it('lives on if it is found on its last chance, but is then forgotten as soon as it is lost', () => {
    const film = new Film();
    film.show(at(0));
    film.empty(26);
    expect(film.ids(at(0))).toEqual([1]);
    expect(film.ids(at(0))).toEqual([1]);
    film.empty(1);
    expect(film.tracker.trackCount).toBe(0);
    film.show(at(0));
    expect(film.ids(at(0))).toEqual([2]);
  });

  it('is forgotten: nothing is remembered after the buffer', () => {
    const film = new Film();
    film.show(at(0), at(300), at(600));
    film.empty(26);
    expect(film.tracker.trackCount).toBe(3);
    film.empty(1);
    expect(film.tracker.trackCount).toBe(0);
  });
});

describe('association', () => {
  it('follows objects that pass close by each other', () => {
    const film = new Film();
    for (let frame = 0; frame < 60; frame++) {
      const a = { ...at(6 * frame), y1: 100, y2: 180 };
      const b = { ...at(400 - 6 * frame), y1: 150, y2: 230 };
      // The order of detections does not matter.
      const tracks = frame % 2 ? film.show(a, b) : film.show(b, a);
      const byId = new Map(tracks.map((track) => [track.id, track.detection]));
      expect(byId.get(1)).toBe(b);
      expect(byId.get(2)).toBe(a);
    }
  });

  it('prefers likely detections where scores are fused, and nearer ones where they are not', () => {
    const near = at(10, 0.55);
    const likely = at(30, 0.95);
    const matched = (fuseScore: boolean): Detection => {
      const film = new Film({ fuseScore });
      film.show(at(0));
      return film.show(near, likely)[0]!.detection;
    };
    expect(matched(true)).toBe(likely);
    expect(matched(false)).toBe(near);
  });

  it('needs less cost than the match threshold', () => {
    // 100 px wide boxes 60 px apart: IoU 41 / 161 = 0.255, fused with 0.9 a cost of 0.77.
    const film = (matchThreshold: number) => new Film({ matchThreshold });
    const ids = (f: Film): number[] => (f.show(at(0)), f.ids(at(60)));
    expect(ids(film(0.8))).toEqual([1]);
    expect(ids(film(0.75))).toEqual([]);
  });

  it('ignores classes; a track has the class of most score', () => {
    const film = new Film();
    expect(film.show(at(0, 0.9, 2))[0]!.classIndex).toBe(2);
    expect(film.show(at(0, 0.7, 0))[0]!.classIndex).toBe(2);
    expect(film.show(at(0, 0.3, 0))[0]!.classIndex).toBe(0); // 1.0 against 0.9
    expect(film.ids(at(0, 0.9, 5))).toEqual([1]);
  });
});

describe('duplicates', () => {
  /** Drives almost onto the place of the parked track 1, which is hidden from frame `hidden` on. */
  function park(hidden: number, start: number): { film: Film; final: number[] } {
    const film = new Film();
    let final: number[] = [];
    for (let frame = 0; frame <= 40; frame++) {
      const detections: Detection[] = [];
      if (frame < hidden) detections.push(at(600));
      if (frame >= start) detections.push(at(595 - 12 * (40 - frame)));
      final = film.ids(...detections);
    }
    return { film, final };
  }

  it('forgets the lost track where the tracked one is older', () => {
    const { film, final } = park(25, 0);
    expect(final).toEqual([2]);
    expect(film.tracker.trackCount).toBe(1);
  });

  it('forgets the tracked track where the lost one is older, which is then found again', () => {
    const { film, final } = park(33, 18);
    expect(final).toEqual([]);
    expect(film.tracker.trackCount).toBe(1);
    expect(film.ids(at(600))).toEqual([1]);
  });
});

describe('a track that is published', () => {
  it('carries its detection, its smoothed box and its velocity in px/s', () => {
    const film = new Film();
    let track: Track | undefined;
    for (let frame = 0; frame < 60; frame++)
      [track] = film.show({ ...at(4 * frame), y1: 200 - frame, y2: 280 - frame });
    expect(track!.velocityXPxPerS).toBeCloseTo(100, 0);
    expect(track!.velocityYPxPerS).toBeCloseTo(-25, 0);
    expect(track!.x1).toBeCloseTo(4 * 59, 0);
    expect(track!.y2).toBeCloseTo(280 - 59, 0);
    expect(track!.detection.x1).toBe(4 * 59);
    expect(track!.score).toBe(0.9);
  });

  it('has an id of its own in every epoch, from 1', () => {
    const film = new Film();
    film.show(at(0), at(300));
    film.tracker.reset();
    expect(film.tracker.trackCount).toBe(0);
    expect(film.ids(at(300))).toEqual([1]); // and the first frame confirms at once again
    film.tracker.reset();
    expect(film.tracker.update([at(0)], 0)).toHaveLength(1); // any time may follow
  });
});
