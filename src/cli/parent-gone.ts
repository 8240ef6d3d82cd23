const lookEveryMs = 500;

/**
 * Resolves when the shell that npm runs a script in has ended: it is told to stop, and passes that on to nobody. Never where no script
 * was run: whoever puts a process into the background of a shell may mean it to outlive that.
 */
export function parentGone(): Promise<void> {
  if (process.env['npm_lifecycle_event'] === undefined) return new Promise(() => {});
  const parent = process.ppid;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      resolve();
    }, lookEveryMs);
    timer.unref();
  });
}
