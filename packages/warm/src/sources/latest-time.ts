const day = 86_400_000;
/** How far behind UTC a date without an offset may be meant: where a day ends last. */
const west = day / 2;

/**
 * The end of what a date can mean, in milliseconds since 1970; `undefined` when it is none. Pure.
 *
 * W3C dates (sitemaps, Atom) are exact to the year, the month, the day, the minute, the second or a part of it; RFC 822 dates
 * (RSS) to the minute or the second; and midnight is what programs make of a day. A page that was stored within that time may
 * be the one before the change.
 */
export function latestTime(date: string | number): number | undefined {
  if (typeof date === 'number') return date % day === 0 ? date + day + west : date;
  if (date.length > 64) return undefined;
  const [, year, month = '12'] = /^(\d{4})(?:-(0[1-9]|1[0-2]))?$/.exec(date) ?? [];
  // Months count from 0 there, so this is the beginning of the next one.
  if (year !== undefined) return Date.UTC(Number(year), Number(month)) + west;
  const time = /(\d\d?:\d\d)(?::(\d\d)(?:\.(\d+))?)? ?([a-z]+|[+-]\d\d:?\d\d)?/i.exec(date);
  if (time === null) return shifted(Date.parse(date), day + west);
  const [, minute, second, fraction, zone] = time;
  const start = Date.parse(zone === undefined ? `${date}Z` : date);
  const isDay = minute === '00:00' && Number(second ?? 0) === 0 && Number(fraction ?? 0) === 0;
  const exact = second === undefined ? 60_000 : 1000 / 10 ** Math.min(fraction?.length ?? 0, 3);
  return shifted(start, (isDay ? day : exact) + (zone === undefined ? west : 0));
}

function shifted(start: number, by: number): number | undefined {
  return Number.isNaN(start) ? undefined : start + by;
}
