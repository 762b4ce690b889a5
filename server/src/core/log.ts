/** What the stages may say to an operator: one line per event in the life of a stream or worker, never per frame. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
