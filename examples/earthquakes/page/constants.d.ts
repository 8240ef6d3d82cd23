/** Seconds of the feed in a second of the reader's: `--speed`. */
declare const SPEED: number;
