import { AnsweringChild } from '../child-process.js';
import type { SourceMessage, SourceOrder, Stamps } from './stamped-source-process.js';

/** Cameras in a process of their own that know when each frame left them. */
export class StampedSource {
  readonly urls: readonly string[];
  readonly publisher: string;
  readonly #child: AnsweringChild<SourceOrder, SourceMessage>;

  private constructor(
    child: AnsweringChild<SourceOrder, SourceMessage>,
    { urls, publisher }: Extract<SourceMessage, { kind: 'ready' }>,
  ) {
    this.#child = child;
    this.urls = urls;
    this.publisher = publisher;
  }

  /** One stream a clip, `frameCounts` their lengths; resolves when each can be read. */
  static async start(clips: readonly string[], frameCounts: readonly number[]): Promise<StampedSource> {
    const child = new AnsweringChild<SourceOrder, SourceMessage>(
      new URL('./stamped-source-process.js', import.meta.url),
    );
    const ready = await child.ask({ kind: 'start', clips, frameCounts });
    if (ready.kind === 'ready') return new StampedSource(child, ready);
    await child.close();
    throw new Error(ready.kind === 'failed' ? ready.message : 'the source answered out of turn');
  }

  async stamps(): Promise<Stamps[]> {
    const answer = await this.#child.ask({ kind: 'stamps' });
    if (answer.kind !== 'stamps') throw new Error('the source answered out of turn');
    return answer.streams;
  }

  close(): Promise<void> {
    return this.#child.close();
  }
}
