import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { buildFixtureModel } from '../fixture.js';
import { decodeModel, encodeModel } from './schema.js';

describe('decodeModel and encodeModel', () => {
  it('give back a model byte for byte', () => {
    const bytes = buildFixtureModel({ width: 64, height: 32 });
    expect(Buffer.compare(encodeModel(decodeModel(bytes)), bytes)).toBe(0);
  });

  it('keep fields that the schema does not name', () => {
    // ModelProto.functions (25), which this package never touches, and a field that no version of ONNX has.
    const extra = protobuf.Writer.create()
      .uint32((25 << 3) | 2)
      .bytes(Uint8Array.of(1, 2, 3))
      .uint32((999 << 3) | 0)
      .uint32(7)
      .finish();
    const model = decodeModel(Buffer.concat([buildFixtureModel({ width: 64, height: 32 }), extra]));
    model.producerName = 'somebody else';
    expect(Buffer.from(encodeModel(model)).includes(Buffer.from(extra))).toBe(true);
  });

  it('do not copy weights when decoding', () => {
    const bytes = Buffer.from(buildFixtureModel({ width: 64, height: 32 }));
    const { rawData } = decodeModel(bytes).graph.initializer.at(-1)!;
    expect(rawData!.buffer).toBe(bytes.buffer);
  });
});
