/**
 * A model file that cannot be used. `code` is stable:
 * `model-missing`, `model-not-onnx`, `model-unsupported`, `model-options`, `model-metadata`.
 */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
