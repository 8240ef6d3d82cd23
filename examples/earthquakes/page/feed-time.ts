const day: Intl.DateTimeFormatOptions = { timeZone: 'UTC', day: 'numeric', month: 'long' };
const dayFormat = new Intl.DateTimeFormat('en-GB', { ...day, year: 'numeric' });
const timeFormat = new Intl.DateTimeFormat('en-GB', { ...day, month: 'short', hour: '2-digit', minute: '2-digit' });

/** A day of the feed: `3 February 2018`, in UTC as all its times. */
export function asFeedDay(time: string): string {
  return dayFormat.format(Date.parse(time));
}

/** `3 Feb, 14:22`. */
export function asFeedTime(time: string): string {
  return timeFormat.format(Date.parse(time));
}
