export interface FrameNumberProps {
  /** As the gateway sent it. */
  readonly value: number | string;
  readonly format: (value: number | string) => string;
}

/** A number of a frame that moves all the time, and is not worth a flash for that. */
export function FrameNumber({ value, format }: FrameNumberProps) {
  return <data value={String(value)}>{format(value)}</data>;
}
